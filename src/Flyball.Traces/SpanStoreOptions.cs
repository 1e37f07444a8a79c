using Flyball.Durable.Log;

namespace Flyball.Traces;

/// <summary>Where and how spans are kept.</summary>
public sealed record SpanStoreOptions
{
    /// <summary>The folder of the store; created when missing, its parent must exist. One process at a time.</summary>
    public required string Directory { get; init; }

    /// <summary>What an acknowledgement means.</summary>
    public WalSync Sync { get; init; }

    /// <summary>Spans in memory before they become a segment.</summary>
    public int HeadSpans { get; init; } = 200_000;

    /// <summary>Bytes in memory before the spans become a segment: the bound for wide attributes.</summary>
    public long HeadBytes { get; init; } = 96L << 20;

    /// <summary>Most spans compaction puts into one segment.</summary>
    public int SegmentSpans { get; init; } = 2_000_000;

    /// <summary>Segments of about one size before they are merged; at least 2.</summary>
    public int MergeFactor { get; init; } = 4;

    /// <summary>How long spans are kept, by their end; older ones are refused on arrival.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Most bytes of segments on disk; the oldest go first. 0 = no bound.</summary>
    public long KeepBytes { get; init; }

    /// <summary>Traces kept longer or shorter than that; the first rule that matches a trace decides.</summary>
    public IReadOnlyList<KeepRule> KeepRules { get; init; } = [];

    /// <summary>How far in the future a span may start; clocks differ.</summary>
    public TimeSpan FutureSlack { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Bytes of dictionary blocks kept unpacked for queries.</summary>
    public long StringCacheBytes { get; init; } = 32L << 20;

    /// <summary>How often retention and compaction look around without being called.</summary>
    public TimeSpan MaintenanceInterval { get; init; } = TimeSpan.FromMinutes(1);
}
