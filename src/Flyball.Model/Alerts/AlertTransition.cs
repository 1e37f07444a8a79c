using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Model.Alerts;

/// <summary>State of an alert.</summary>
public enum AlertState
{
    /// <summary>Its condition does not hold.</summary>
    Inactive,

    /// <summary>Its condition holds, not yet for as long as <c>for</c> asks.</summary>
    Pending,

    /// <summary>Its condition holds.</summary>
    Firing,
}

/// <summary>An alert changed its state.</summary>
/// <param name="Labels">The alert's labels, <c>alertname</c> included.</param>
/// <param name="From">State before.</param>
/// <param name="To">State now; <see cref="AlertState.Inactive"/> after <see cref="AlertState.Firing"/> means resolved.</param>
/// <param name="At">When the rule said so.</param>
public sealed record AlertTransition(LabelSet Labels, AlertState From, AlertState To, TimestampMs At)
{
    /// <summary>Expanded annotations.</summary>
    public LabelSet Annotations { get; init; } = LabelSet.Empty;

    /// <summary>The value of the expression at the time.</summary>
    public double Value { get; init; }

    /// <summary>Since when the condition has held.</summary>
    public TimestampMs ActiveAt { get; init; }

    /// <summary>When it stopped firing; null while it holds.</summary>
    public TimestampMs? ResolvedAt { get; init; }

    /// <summary>Where the expression can be looked at.</summary>
    public string GeneratorUrl { get; init; } = "";

    /// <summary>When the event or sample that made the rule run arrived; null for an evaluation by timer.</summary>
    public TimestampNs? CausedAt { get; init; }
}

/// <summary>Whoever wants to know of transitions: routing, policy.</summary>
public interface IAlertTransitionSink
{
    /// <summary>Takes transitions over. Returns quickly: the work they cause happens elsewhere.</summary>
    void Publish(IReadOnlyList<AlertTransition> transitions);
}
