using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.PromQL;

namespace Flyball.Alerting.Rules.Evaluation;

/// <summary>Evaluates the expression of a rule: the seam between rules and the language.</summary>
internal interface IRuleQuery
{
    /// <summary>The result at a point in time, its series in no particular order.</summary>
    /// <exception cref="PromQLQueryException">It failed.</exception>
    ValueTask<IReadOnlyList<RuleSample>> EvaluateAsync(PromQLExpression expression, TimestampMs at, CancellationToken cancellationToken);
}

/// <summary>One element of a rule's result.</summary>
internal readonly record struct RuleSample(LabelSet Labels, double Value, NativeHistogram? Histogram);

/// <summary>Asks the engine; a scalar becomes one element without labels, as Prometheus has it.</summary>
internal sealed class EngineQuery(PromQLEngine engine, ISeriesSource source) : IRuleQuery
{
    public async ValueTask<IReadOnlyList<RuleSample>> EvaluateAsync(
        PromQLExpression expression, TimestampMs at, CancellationToken cancellationToken)
    {
        var result = await engine.QueryInstantAsync(source, expression, at, QueryLimits.Default, cancellationToken);
        if (result.Kind == ValueKind.Scalar)
        {
            return [new RuleSample(LabelSet.Empty, result.Scalar, Histogram: null)];
        }

        var samples = new RuleSample[result.Series.Count];
        for (var i = 0; i < samples.Length; i++)
        {
            var series = result.Series[i];
            samples[i] = new RuleSample(series.Labels, series.Values[0], series.HistogramAt(0));
        }

        return samples;
    }
}
