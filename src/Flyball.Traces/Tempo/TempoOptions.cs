using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Traces.Tempo;

/// <summary>Bounds of Tempo's API.</summary>
public sealed record TempoOptions
{
    /// <summary>Most bytes of one trace in protobuf; of a larger one the earliest spans are returned.</summary>
    public int MostTraceBytes { get; init; } = 64 << 20;

    /// <summary>Most series of a metrics query that names no number itself; 0 = any.</summary>
    public int MostSeries { get; init; }

    /// <summary>The longest range of a metrics query; zero = any.</summary>
    public TimeSpan LongestRange { get; init; }
}

/// <summary>What is wanted of a trace.</summary>
/// <param name="Id">Its id.</param>
public sealed record TraceRequest(TraceId Id)
{
    /// <summary>Spans that match this one span filter in TraceQL; null for all of them.</summary>
    public string? Filter { get; init; }

    /// <summary>With a filter: how many levels of ancestors of matching spans come along; -1 = all.</summary>
    public int AncestorDepth { get; init; }

    /// <summary>With a filter: how many levels of descendants of matching spans come along; -1 = all.</summary>
    public int MatchDepth { get; init; }

    /// <summary>The trace counts as found when it has a span that ends at or after this time …</summary>
    public TimestampNs From { get; init; }

    /// <summary>… and one that starts at or before this one.</summary>
    public TimestampNs Until { get; init; } = new(ulong.MaxValue);
}

/// <summary>What became of a request for a trace.</summary>
public enum TraceOutcome
{
    /// <summary>There is none.</summary>
    NotFound,

    /// <summary>The whole trace was written.</summary>
    Complete,

    /// <summary>A part was written: some spans did not match, or it would have been too large.</summary>
    Partial,

    /// <summary>Nothing was written: the trace is too large for an answer that cannot say it is partial.</summary>
    TooLarge,
}
