using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Traces.Search;

/// <summary>Which traces are wanted: those with at least one span that meets every condition. Null conditions do not count.</summary>
public sealed record TraceSearch
{
    /// <summary>The span's resource has this <c>service.name</c>.</summary>
    public string? Service { get; init; }

    /// <summary>The span's name.</summary>
    public string? Name { get; init; }

    /// <summary>The span's status.</summary>
    public SpanStatus? Status { get; init; }

    /// <summary>The span lasted at least this long, in nanoseconds.</summary>
    public ulong? MinDurationNs { get; init; }

    /// <summary>The span lasted at most this long, in nanoseconds.</summary>
    public ulong? MaxDurationNs { get; init; }

    /// <summary>Attributes of the span or, where it has none of that key, of its resource. Numbers and booleans as text.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    /// <summary>The span starts at or after this time.</summary>
    public TimestampNs From { get; init; }

    /// <summary>The span starts at or before this time.</summary>
    public TimestampNs Until { get; init; } = new(ulong.MaxValue);

    /// <summary>Most traces in the answer, newest first; at least 1.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>Most matching spans named per trace.</summary>
    public int SpansPerTrace { get; init; } = 3;
}

/// <summary>A trace that was found.</summary>
/// <param name="TraceId">Its id.</param>
/// <param name="RootService">Service of its root span; empty while the root has not come or names none.</param>
/// <param name="RootName">Name of its root span; null while the root has not come.</param>
/// <param name="Start">First start of its spans.</param>
/// <param name="DurationNs">From the first start to the last end, nanoseconds.</param>
/// <param name="SpanCount">Its spans.</param>
/// <param name="ErrorCount">Its spans of status error.</param>
/// <param name="Matched">Spans that meet the conditions.</param>
/// <param name="Spans">Some of them, in order of start.</param>
public sealed record TraceSummary(
    TraceId TraceId,
    string RootService,
    string? RootName,
    TimestampNs Start,
    ulong DurationNs,
    int SpanCount,
    int ErrorCount,
    int Matched,
    IReadOnlyList<MatchedSpan> Spans);

/// <summary>A span that meets the conditions of a search.</summary>
/// <param name="SpanId">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Start">Its start.</param>
/// <param name="DurationNs">Its duration, nanoseconds.</param>
public sealed record MatchedSpan(SpanId SpanId, string Name, TimestampNs Start, ulong DurationNs);
