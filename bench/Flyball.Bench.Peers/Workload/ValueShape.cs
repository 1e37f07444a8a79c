namespace Flyball.Bench.Peers.Workload;

/// <summary>How the values of a series move: the shapes that exporters of machines and of pipelines really show.</summary>
internal enum ValueShape
{
    /// <summary>Never changes: limits, flags, counters of errors that do not happen.</summary>
    Constant,

    /// <summary>1: something is up.</summary>
    One,

    /// <summary>An integer that grows by a lot: bytes, packets.</summary>
    Counter,

    /// <summary>An integer that mostly stands still: errors, restarts.</summary>
    SlowCounter,

    /// <summary>Seconds with two decimals that grow: processor time.</summary>
    Seconds,

    /// <summary>Seconds with nine decimals that grow: scheduler statistics.</summary>
    NanoSeconds,

    /// <summary>A multiple of 4096 that wanders: memory, free space.</summary>
    Bytes,

    /// <summary>A small integer that wanders: queue lengths, requests in flight.</summary>
    Level,

    /// <summary>A gauge of two decimals that wanders: load.</summary>
    Load,

    /// <summary>Rises by steps of 0.5 and falls back: temperatures, buffers that are flushed.</summary>
    Sawtooth,

    /// <summary>All 53 bits in use: durations as measured.</summary>
    Raw,

    /// <summary>The clock itself with a fraction.</summary>
    Clock,

    /// <summary>A cumulative bucket: grows with what the family observes, less in lower buckets.</summary>
    Bucket,
}
