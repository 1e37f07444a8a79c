using Flyball.Model.Time;

namespace Flyball.Traces.Jaeger;

/// <summary>Which traces are wanted, as Jaeger's query API asks (Tempo documentation).</summary>
/// <param name="Service">Of a span of the trace.</param>
public sealed record JaegerSearch(string Service)
{
    /// <summary>The span's name; null for any.</summary>
    public string? Operation { get; init; }

    /// <summary>Tags that all must be on the span, one of its events or its resource; values compared as text.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    /// <summary>The span starts at or after this time …</summary>
    public TimestampNs From { get; init; }

    /// <summary>… and at or before this one.</summary>
    public TimestampNs Until { get; init; } = new(ulong.MaxValue);

    /// <summary>The span lasts at least this long.</summary>
    public TimeSpan? MinDuration { get; init; }

    /// <summary>The span lasts at most this long.</summary>
    public TimeSpan? MaxDuration { get; init; }

    /// <summary>Most traces, newest first; at least 1.</summary>
    public int Limit { get; init; } = 100;
}
