using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.PromQL;

namespace Flyball.Actions.Policy;

/// <summary>Answers the conditions of policies.</summary>
public interface IPolicyCondition
{
    /// <summary>Whether a query has a non-empty answer (a scalar: one that is not 0).</summary>
    /// <exception cref="PolicyConditionException">It could not be answered; the message says why.</exception>
    ValueTask<bool> HoldsAsync(string query, CancellationToken cancellationToken);
}

/// <summary>A condition could not be answered.</summary>
public sealed class PolicyConditionException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Answers conditions with the PromQL engine, on what is there now.</summary>
public sealed class PromQLCondition(PromQLEngine engine, ISeriesSource source, TimeProvider time) : IPolicyCondition
{
    private static readonly QueryLimits Limits = QueryLimits.Default with { Timeout = TimeSpan.FromSeconds(10), MaxSamples = 5_000_000 };

    /// <inheritdoc />
    public async ValueTask<bool> HoldsAsync(string query, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await engine.QueryInstantAsync(
                source, PromQLExpression.Parse(query), TimestampMs.Now(time), Limits, cancellationToken);
            return answer.Kind switch
            {
                ValueKind.Scalar => answer.Scalar is not 0 and not double.NaN,
                ValueKind.String => answer.Text.Length > 0,
                _ => answer.Series.Count > 0,
            };
        }
        catch (PromQLSyntaxException e)
        {
            throw new PolicyConditionException($"{query}: {e.Message}", e);
        }
        catch (PromQLQueryException e) when (e.Failure != QueryFailure.Canceled || !cancellationToken.IsCancellationRequested)
        {
            throw new PolicyConditionException($"{query}: {e.Message}", e);
        }
        catch (SeriesLimitException e)
        {
            throw new PolicyConditionException($"{query}: {e.Message}", e);
        }
    }
}
