using Flyball.Model.Labels;

using Flyball.Alerting.Rules.Files;

namespace Flyball.Alerting.Rules.Evaluation;

/// <summary>A rule with what its evaluations have left behind.</summary>
/// <remarks>Evaluated by its group's loop only. What others may read is guarded by the group's lock.</remarks>
internal abstract class EvaluatedRule(RuleConfig config)
{
    public RuleConfig Config { get; } = config;

    /// <summary>Where and how the last evaluation went.</summary>
    public EvaluationOutcome Outcome { get; set; } = EvaluationOutcome.Never;

    /// <summary>What it wrote and has not ended yet.</summary>
    public WrittenSeries Written { get; } = new();

    /// <summary>Names of the metrics it writes.</summary>
    public abstract IReadOnlyList<string> Writes { get; }

    /// <summary>Asks the query and prepares the result. Touches nothing that others read.</summary>
    public abstract ValueTask PrepareAsync(EvaluationContext context, CancellationToken cancellationToken);

    /// <summary>Takes the prepared result over: state and samples. Called under the group's lock.</summary>
    /// <exception cref="RuleEvaluationException">The result cannot be used.</exception>
    public abstract void Commit(EvaluationContext context);

    /// <summary>Takes over the state of the rule this one replaces.</summary>
    public virtual void CopyState(EvaluatedRule predecessor, EvaluationContext context)
    {
        Outcome = predecessor.Outcome;
        Written.Adopt(predecessor.Written.Labels);
    }

    /// <summary>Two rules of one kind with equal name and labels are the same rule, before and after a reload.</summary>
    public bool IsSameAs(EvaluatedRule other) =>
        Config.IsAlert == other.Config.IsAlert && Config.Name == other.Config.Name
        && Config.Labels.Select(l => (l.Name, l.Template.Text)).SequenceEqual(other.Config.Labels.Select(l => (l.Name, l.Template.Text)));

    protected static void RefuseBeyondLimit(int limit, int count, string what)
    {
        if (limit > 0 && count > limit)
        {
            throw new RuleEvaluationException($"exceeded limit of {limit} with {count} {what}");
        }
    }

    protected static LabelSet WithName(LabelSetBuilder builder, LabelSet labels, string name) =>
        builder.Start(labels).Set(LabelSet.MetricNameLabel, name).Build();
}
