namespace Flyball.Metrics;

/// <summary>The store in numbers.</summary>
public sealed record StoreStatistics
{
    /// <summary>Series in the heads.</summary>
    public int HeadSeries { get; init; }

    /// <summary>Samples in the heads.</summary>
    public long HeadSamples { get; init; }

    /// <summary>Sealed pages in the heads.</summary>
    public long HeadPages { get; init; }

    /// <summary>Memory of the heads, in bytes.</summary>
    public long HeadBytes { get; init; }

    /// <summary>Oldest time in the heads, UTC milliseconds; 0 when they are empty.</summary>
    public long OldestHeadMs { get; init; }

    /// <summary>Newest time in the heads, UTC milliseconds; 0 when they are empty.</summary>
    public long NewestHeadMs { get; init; }

    /// <summary>Blocks that answer queries.</summary>
    public int Blocks { get; init; }

    /// <summary>Their bytes on disk.</summary>
    public long BlockBytes { get; init; }

    /// <summary>Samples in blocks.</summary>
    public long BlockSamples { get; init; }

    /// <summary>Number of the log segment that is written to.</summary>
    public long LogSegment { get; init; }

    /// <summary>Exemplars kept.</summary>
    public int Exemplars { get; init; }

    /// <summary>Whether the log refuses writes at the moment.</summary>
    public bool LogFailing { get; init; }
}
