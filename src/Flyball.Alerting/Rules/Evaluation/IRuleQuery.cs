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

    /// <summary>The same for one group, which is told with what it asks.</summary>
    IRuleQuery For(string group, string file) => this;
}

/// <summary>One element of a rule's result.</summary>
internal readonly record struct RuleSample(LabelSet Labels, double Value, NativeHistogram? Histogram);

/// <summary>Asks the engine; a scalar becomes one element without labels, as Prometheus has it.</summary>
/// <param name="asked">Is told of every query that came to an end, or null.</param>
internal sealed class EngineQuery(PromQLEngine engine, ISeriesSource source, Action<RuleQueryRecord>? asked = null) : IRuleQuery
{
    private string _group = "";
    private string _file = "";

    public IRuleQuery For(string group, string file) => asked is null ? this : new EngineQuery(engine, source, asked) { _group = group, _file = file };

    public async ValueTask<IReadOnlyList<RuleSample>> EvaluateAsync(
        PromQLExpression expression, TimestampMs at, CancellationToken cancellationToken)
    {
        QueryResult result;
        try
        {
            result = await engine.QueryInstantAsync(source, expression, at, QueryLimits.Default, cancellationToken);
        }
        catch (PromQLQueryException e)
        {
            asked?.Invoke(new RuleQueryRecord(_group, _file, expression.Text, at) { Error = e.Message });
            throw;
        }

        asked?.Invoke(new RuleQueryRecord(_group, _file, expression.Text, at) { Statistics = result.Statistics });
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
