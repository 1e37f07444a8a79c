using Flyball.Alerting.Matching;
using Flyball.Model.Labels;

namespace Flyball.Alerting.Silences;

/// <summary>Where a silence stands in its life.</summary>
public enum SilenceState
{
    /// <summary>It has not begun.</summary>
    Pending,

    /// <summary>It silences.</summary>
    Active,

    /// <summary>It is over.</summary>
    Expired,
}

/// <summary>Alerts that all matchers accept are not told of, for a while. Immutable. Source: Alertmanager documentation, "Configuration".</summary>
/// <param name="Id">Its name for tools: a UUID.</param>
/// <param name="Matchers">At least one, and not all of them accept an absent label.</param>
/// <param name="StartsAt">When it begins.</param>
/// <param name="EndsAt">When it ends; later than it begins, or equal if it was taken back before it began.</param>
public sealed record Silence(string Id, IReadOnlyList<Matcher> Matchers, DateTimeOffset StartsAt, DateTimeOffset EndsAt)
{
    /// <summary>Who made it, as they said.</summary>
    public string CreatedBy { get; init; } = "";

    /// <summary>Why.</summary>
    public string Comment { get; init; } = "";

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Where it stands at a time.</summary>
    public SilenceState StateAt(DateTimeOffset now) =>
        now < StartsAt ? SilenceState.Pending : now < EndsAt ? SilenceState.Active : SilenceState.Expired;

    internal bool Accepts(LabelSet labels) => Matchers.All(m => m.Matches(labels));

    internal bool HasSameMatchersAs(Silence other) => AlertMatchers.Format(Matchers) == AlertMatchers.Format(other.Matchers);
}

/// <summary>A silence was refused.</summary>
public sealed class SilenceRefusedException(string message, bool isUnknown = false) : Exception(message)
{
    /// <summary>Whether there is no silence of that id.</summary>
    public bool IsUnknown { get; } = isUnknown;
}
