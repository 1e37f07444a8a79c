using Flyball.Model.Alerts;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Alerting.Rules.Evaluation;

/// <summary>One evaluation of a group, as its rules see it.</summary>
/// <param name="At">The time of the evaluation.</param>
/// <param name="Offset">How far before it the rules look and write.</param>
/// <param name="CausedAt">When what caused it arrived; null when the clock did.</param>
internal sealed record EvaluationContext(TimestampMs At, DurationMs Offset, TimestampNs? CausedAt)
{
    public required IRuleQuery Query { get; init; }

    public required RuleSettings Settings { get; init; }

    /// <summary>Most results of one rule; 0 = no limit.</summary>
    public int Limit { get; init; }

    /// <summary>Takes the samples of the rule that is being evaluated.</summary>
    public required SampleBatch Batch { get; init; }

    /// <summary>Takes changes of state.</summary>
    public required List<AlertTransition> Transitions { get; init; }

    /// <summary>Takes firing alerts whose state is the same but whose annotations or value are not.</summary>
    public required List<AlertTransition> Refreshes { get; init; }

    /// <summary>Where rules look and write.</summary>
    public TimestampMs DataTime => At - Offset;
}
