namespace Flyball.Durable.Log;

/// <summary>What an acknowledgement of the log means.</summary>
public enum WalSync
{
    /// <summary>Written: it survives the end of the process in any manner. A power cut may take the last interval.</summary>
    Interval,

    /// <summary>Written and synced: it survives a power cut. Concurrent writers share one sync.</summary>
    Always,
}

/// <summary>How a write-ahead log is kept.</summary>
public sealed record WriteAheadLogOptions
{
    /// <summary>The folder of the segments; created when missing. Nobody else may write to it.</summary>
    public required string Directory { get; init; }

    /// <summary>What an acknowledgement means.</summary>
    public WalSync Sync { get; init; }

    /// <summary>How often <see cref="WalSync.Interval"/> syncs; above zero.</summary>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A segment is closed before a record would make it larger, in bytes. A larger record has a segment of its own.</summary>
    public long SegmentBytes { get; init; } = 64 << 20;
}
