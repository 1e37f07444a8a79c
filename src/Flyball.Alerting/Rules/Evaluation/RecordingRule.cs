using Flyball.Alerting.Rules.Files;
using Flyball.Model.Labels;

namespace Flyball.Alerting.Rules.Evaluation;

/// <summary>Writes the result of its expression as a series of its own. Source: Prometheus documentation, "Recording and alerting rules".</summary>
internal sealed class RecordingRule(RuleConfig config) : EvaluatedRule(config)
{
    private readonly LabelSetBuilder _builder = new();
    private IReadOnlyList<RuleSample> _result = [];

    public override IReadOnlyList<string> Writes { get; } = [config.Name];

    public override async ValueTask PrepareAsync(EvaluationContext context, CancellationToken cancellationToken) =>
        _result = await context.Query.EvaluateAsync(Config.Expression, context.DataTime, cancellationToken);

    public override void Commit(EvaluationContext context)
    {
        var labels = new LabelSet[_result.Count];
        var seen = new HashSet<LabelSet>(_result.Count);
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = LabelsOf(_result[i].Labels);
            if (!seen.Add(labels[i]))
            {
                throw new RuleEvaluationException("vector contains metrics with the same labelset after applying rule labels");
            }
        }

        RefuseBeyondLimit(context.Limit, labels.Length, "series");
        Written.Begin();
        for (var i = 0; i < labels.Length; i++)
        {
            Written.Write(context.Batch, labels[i], context.DataTime, _result[i].Value, _result[i].Histogram);
        }

        Written.End(context.Batch, context.DataTime);
        _result = [];
    }

    private LabelSet LabelsOf(LabelSet series)
    {
        _builder.Start(series).Set(LabelSet.MetricNameLabel, Config.Name);
        foreach (var (name, template) in Config.Labels)
        {
            _builder.Set(name, template.Text);
        }

        return _builder.Build();
    }
}
