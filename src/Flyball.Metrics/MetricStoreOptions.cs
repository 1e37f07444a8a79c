using Flyball.Durable.Log;
using Flyball.Metrics.Downsampling;

namespace Flyball.Metrics;

/// <summary>How a metrics store is kept.</summary>
public sealed record MetricStoreOptions
{
    /// <summary>The folder of the store; created when missing, locked while open.</summary>
    public required string Directory { get; init; }

    /// <summary>What an acknowledged sample survives.</summary>
    public WalSync WalSync { get; init; }

    /// <summary>How often <see cref="WalSync.Interval"/> syncs.</summary>
    public TimeSpan WalSyncInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Samples this much older than the newest of the store are still taken; zero refuses every late sample.</summary>
    public TimeSpan OutOfOrderWindow { get; init; } = TimeSpan.Zero;

    /// <summary>Samples further in the future than this are refused.</summary>
    public TimeSpan FutureBound { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Length of the smallest blocks, and of what a head holds; at least one minute, at most a day.</summary>
    public TimeSpan BlockSpan { get; init; } = TimeSpan.FromHours(2);

    /// <summary>How long after its end a head still takes samples before it is sealed into a block.</summary>
    public TimeSpan SealDelay { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Blocks are merged up to this length; at least <see cref="BlockSpan"/>.</summary>
    public TimeSpan LargestBlockSpan { get; init; } = TimeSpan.FromHours(2 * 3 * 3 * 3);

    /// <summary>Samples older than this are deleted, by whole blocks; zero keeps everything.</summary>
    public TimeSpan RetentionTime { get; init; } = TimeSpan.FromDays(15);

    /// <summary>The oldest blocks are deleted while the store is larger than this, in bytes; 0 = no limit.</summary>
    public long RetentionBytes { get; init; }

    /// <summary>Most series a head may hold; samples of further ones are refused. 0 = no limit.</summary>
    public int SeriesLimit { get; init; }

    /// <summary>Most series of one metric name in a head. 0 = no limit.</summary>
    public int SeriesLimitPerMetric { get; init; }

    /// <summary>Most series with the same value of the label <c>job</c> in a head. 0 = no limit.</summary>
    public int SeriesLimitPerJob { get; init; }

    /// <summary>Most series with the same value of the label <c>instance</c>, so of one target, in a head. 0 = no limit.</summary>
    public int SeriesLimitPerInstance { get; init; }

    /// <summary>Exemplars kept, over all series; the oldest go first. 0 keeps none.</summary>
    public int ExemplarLimit { get; init; } = 100_000;

    /// <summary>Coarser copies of old samples; empty for none. Each resolution at most once.</summary>
    public IReadOnlyList<DownsamplingRule> Downsampling { get; init; } = [];

    /// <summary>The share of one core that merging and downsampling may use, above 0 and at most 1; sealing and what somebody waits for are exempt.</summary>
    public double CompactionShare { get; init; } = 0.5;

    /// <summary>Bytes of log from which on the heads are written to a checkpoint, so that a start reads the log behind it only; large stores wait for
    /// more. 0 writes none.</summary>
    public long CheckpointBytes { get; init; } = 4 << 20;

    internal void Check()
    {
        CheckDownsampling();
        if (CompactionShare is not (> 0 and <= 1))
        {
            throw new ArgumentException($"compaction_share is {CompactionShare}; it must lie above 0 and be at most 1");
        }

        if (BlockSpan < TimeSpan.FromMinutes(1) || BlockSpan > TimeSpan.FromDays(1))
        {
            throw new ArgumentException($"block_span is {BlockSpan}; it must lie between 00:01:00 and 1.00:00:00");
        }

        if (LargestBlockSpan < BlockSpan)
        {
            throw new ArgumentException($"largest_block_span is {LargestBlockSpan}, shorter than block_span ({BlockSpan}); raise it");
        }

        if (RetentionTime != TimeSpan.Zero && RetentionTime < BlockSpan)
        {
            throw new ArgumentException(
                $"retention is {RetentionTime}, shorter than one block ({BlockSpan}); raise it or lower block_span");
        }

        if (OutOfOrderWindow < TimeSpan.Zero)
        {
            throw new ArgumentException($"out_of_order_time_window is {OutOfOrderWindow}; it must not be negative");
        }
    }

    private void CheckDownsampling()
    {
        foreach (var rule in Downsampling)
        {
            if (rule.Resolution < TimeSpan.FromSeconds(1) || rule.Resolution > LargestBlockSpan || rule.Resolution.Ticks % TimeSpan.TicksPerMillisecond != 0)
            {
                throw new ArgumentException($"a downsampling resolution is {rule.Resolution}; it must lie between 00:00:01 and {LargestBlockSpan}");
            }

            if (Downsampling.Count(r => r.Resolution == rule.Resolution) > 1)
            {
                throw new ArgumentException($"the downsampling resolution {rule.Resolution} is given twice");
            }

            if (rule.After < OutOfOrderWindow + BlockSpan)
            {
                throw new ArgumentException($"downsampling to {rule.Resolution} begins after {rule.After}, while samples may still come as late as "
                    + $"{OutOfOrderWindow}; it must be at least {OutOfOrderWindow + BlockSpan}");
            }

            if (RetentionTime != TimeSpan.Zero && rule.After + LargestBlockSpan > RetentionTime)
            {
                throw new ArgumentException($"downsampling to {rule.Resolution} begins after {rule.After}, but raw samples are deleted after {RetentionTime}; "
                    + $"lower it to {RetentionTime - LargestBlockSpan} at most");
            }
        }
    }
}
