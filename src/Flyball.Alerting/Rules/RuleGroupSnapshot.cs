using Flyball.Alerting.Rules.Evaluation;
using Flyball.Model.Alerts;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Alerting.Rules;

/// <summary>A group as it was at one moment.</summary>
public sealed record RuleGroupSnapshot(string File, string Name, IReadOnlyList<RuleSnapshot> Rules)
{
    /// <summary>How often it is evaluated.</summary>
    public DurationMs Interval { get; init; }

    /// <summary>Most results of one of its rules; 0 = no limit.</summary>
    public int Limit { get; init; }

    /// <summary>Whether it is also evaluated when what it reads arrives.</summary>
    public bool IsReactive { get; init; }

    /// <summary>When it was last evaluated; null = never.</summary>
    public TimestampMs? LastEvaluation { get; init; }

    /// <summary>How long that took.</summary>
    public TimeSpan EvaluationTime { get; init; }

    internal static RuleGroupSnapshot Of(RuleGroup group) => group.Read(g => new RuleGroupSnapshot(
        g.Config.File, g.Config.Name, [.. g.Rules.Select(RuleSnapshot.Of)])
    {
        Interval = g.Interval,
        Limit = g.Config.Limit,
        IsReactive = g.Config.Reactive is not null,
        LastEvaluation = g.Outcome.At,
        EvaluationTime = g.Outcome.Took,
    });
}

/// <summary>A rule as it was at one moment.</summary>
/// <param name="Name">The metric it records, or its alert's name.</param>
/// <param name="Query">Its expression, normalised.</param>
/// <param name="Labels">Labels it sets, templates not filled in.</param>
public sealed record RuleSnapshot(string Name, string Query, LabelSet Labels)
{
    /// <summary>Whether it raises alerts; otherwise it records.</summary>
    public bool IsAlert { get; init; }

    /// <summary><c>ok</c>, <c>err</c> or, before the first evaluation, <c>unknown</c>.</summary>
    public string Health { get; init; } = "";

    /// <summary>Why the last evaluation failed; "" = it did not.</summary>
    public string LastError { get; init; } = "";

    /// <summary>When it was last evaluated; null = never.</summary>
    public TimestampMs? LastEvaluation { get; init; }

    /// <summary>How long that took.</summary>
    public TimeSpan EvaluationTime { get; init; }

    /// <summary>How long its condition must hold before an alert fires.</summary>
    public DurationMs For { get; init; }

    /// <summary>How long alerts go on firing when the condition has ceased.</summary>
    public DurationMs KeepFiringFor { get; init; }

    /// <summary>Annotations, templates not filled in.</summary>
    public LabelSet Annotations { get; init; } = LabelSet.Empty;

    /// <summary>Pending and firing alerts.</summary>
    public IReadOnlyList<AlertSnapshot> Alerts { get; init; } = [];

    /// <summary>The gravest state of its alerts.</summary>
    public AlertState State => Alerts.Count == 0 ? AlertState.Inactive : Alerts.Max(a => a.State);

    internal static RuleSnapshot Of(EvaluatedRule rule) => new(
        rule.Config.Name, rule.Config.Expression.ToString(), TextsOf(rule.Config.Labels))
    {
        IsAlert = rule.Config.IsAlert,
        Health = rule.Outcome.Health,
        LastError = rule.Outcome.Error,
        LastEvaluation = rule.Outcome.At,
        EvaluationTime = rule.Outcome.Took,
        For = rule.Config.For,
        KeepFiringFor = rule.Config.KeepFiringFor,
        Annotations = TextsOf(rule.Config.Annotations),
        Alerts = rule is AlertingRule alerting
            ? [.. alerting.Alerts.Where(a => a.State != AlertState.Inactive).OrderBy(a => a.Labels).Select(AlertSnapshot.Of)]
            : [],
    };

    private static LabelSet TextsOf(IReadOnlyList<Files.NamedTemplate> templates)
    {
        var builder = new LabelSetBuilder();
        foreach (var (name, template) in templates)
        {
            builder.Set(name, template.Text);
        }

        return builder.Build();
    }
}

/// <summary>An alert as it was at one moment.</summary>
public sealed record AlertSnapshot(LabelSet Labels, LabelSet Annotations, AlertState State)
{
    /// <summary>Since when its condition has held.</summary>
    public TimestampMs ActiveAt { get; init; }

    /// <summary>Since when it has been firing only because of keep_firing_for; null = its condition holds.</summary>
    public TimestampMs? KeptSince { get; init; }

    /// <summary>The value of its expression; for a histogram its sum.</summary>
    public double Value { get; init; }

    /// <summary>The value, if it is a histogram.</summary>
    public NativeHistogram? Histogram { get; init; }

    internal static AlertSnapshot Of(ActiveAlert alert) => new(alert.Labels, alert.Annotations, alert.State)
    {
        ActiveAt = alert.ActiveAt,
        KeptSince = alert.KeptSince,
        Value = alert.Value,
        Histogram = alert.Histogram,
    };
}
