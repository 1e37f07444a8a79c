namespace Flyball.Model.Time;

/// <summary>A stretch of time; both ends belong to it. Empty when <c>Last</c> is before <c>First</c>.</summary>
/// <remarks>Closed at both ends so that "everything" is expressible without overflow: PromQL's half-open windows
/// (t-d, t] become <c>[t-d+1, t]</c> at millisecond resolution.</remarks>
public readonly record struct TimeRange(TimestampMs First, TimestampMs Last)
{
    /// <summary>Everything there ever was or will be.</summary>
    public static readonly TimeRange All = new(TimestampMs.Min, TimestampMs.Max);

    /// <summary>Whether no point in time is inside.</summary>
    public bool IsEmpty => Last < First;

    /// <summary>Whether the point is inside.</summary>
    public bool Contains(TimestampMs time) => First <= time && time <= Last;

    /// <summary>Whether the ranges share a point.</summary>
    public bool Overlaps(TimeRange other) => !IsEmpty && !other.IsEmpty && First <= other.Last && other.First <= Last;
}
