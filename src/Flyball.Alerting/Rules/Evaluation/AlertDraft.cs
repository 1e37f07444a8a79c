using Flyball.Alerting.Rules.Files;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.PromQL;
using Flyball.Templates;
using Flyball.Templates.Rules;
using Flyball.Templates.Values;

namespace Flyball.Alerting.Rules.Evaluation;

/// <summary>What one element of an alerting rule's result says: labels and annotations with their templates filled in.</summary>
internal sealed record AlertDraft(LabelSet Labels, LabelSet Annotations, double Value, NativeHistogram? Histogram)
{
    public static async ValueTask<AlertDraft> ExpandAsync(
        RuleConfig rule, RuleSample sample, EvaluationContext context, LabelSetBuilder builder, CancellationToken cancellationToken)
    {
        var data = new Lazy<RuleTemplateData>(() => DataOf(sample, context));
        builder.Start(sample.Labels).Remove(LabelSet.MetricNameLabel);
        foreach (var (name, template) in rule.Labels)
        {
            builder.Set(name, await ExpandAsync(rule, template, data, cancellationToken));
        }

        var labels = builder.Set("alertname", rule.Name).Build();
        builder.Clear();
        foreach (var (name, template) in rule.Annotations)
        {
            builder.Set(name, await ExpandAsync(rule, template, data, cancellationToken));
        }

        return new AlertDraft(labels, builder.Build(), sample.Value, sample.Histogram);
    }

    private static async ValueTask<string> ExpandAsync(
        RuleConfig rule, RuleTemplate template, Lazy<RuleTemplateData> data, CancellationToken cancellationToken)
    {
        if (template.IsConstant)
        {
            return template.Text;
        }

        try
        {
            return await template.ExpandAsync(data.Value, cancellationToken);
        }
        catch (TemplateException e)
        {
            // An alert with a broken annotation is worth more than none.
            return $"<error expanding template: error executing template __alert_{rule.Name}: {e.Message}>";
        }
    }

    private static RuleTemplateData DataOf(RuleSample sample, EvaluationContext context) =>
        new(new Dictionary<string, string>(sample.Labels.AsPairs()), ValueOf(sample), context.At)
        {
            ExternalLabels = new Dictionary<string, string>(context.Settings.ExternalLabels.AsPairs()),
            ExternalUrl = context.Settings.ExternalUrl,
            Query = (expression, token) => QueryAsync(expression, context, token),
        };

    private static object ValueOf(RuleSample sample) => sample.Histogram is { } histogram ? HistogramText.Format(histogram) : sample.Value;

    private static async ValueTask<IReadOnlyList<TemplateSample>> QueryAsync(
        string text, EvaluationContext context, CancellationToken cancellationToken)
    {
        try
        {
            var result = await context.Query.EvaluateAsync(PromQLExpression.Parse(text), context.At, cancellationToken);
            return [.. result.Select(s => new TemplateSample(
                new Dictionary<string, string>(s.Labels.AsPairs()), ValueOf(s)))];
        }
        catch (Exception e) when (e is PromQLSyntaxException or PromQLQueryException)
        {
            throw new TemplateFunctionException(e.Message, e);
        }
    }
}
