using Flyball.Configuration;
using Flyball.Model.Time;

namespace Flyball.Server.Configuration;

/// <summary>The section <c>storage</c>: Prometheus' keys, and how hard an acknowledgement is.</summary>
public sealed record StorageConfig
{
    /// <summary>Whether an acknowledged write has been synced to disk, or only handed to the operating system.</summary>
    public bool SyncAlways { get; init; }

    /// <summary>How often the log is synced when not always; 0 &lt; interval.</summary>
    public DurationMs SyncInterval { get; init; } = DurationMs.FromSeconds(1);

    /// <summary>How long metrics are kept.</summary>
    public DurationMs MetricsKeepFor { get; init; } = DurationMs.FromSeconds(15 * 24 * 3600);

    /// <summary>How many bytes of metrics are kept; 0 = any.</summary>
    public long MetricsKeepBytes { get; init; }

    /// <summary>How late a sample may be.</summary>
    public DurationMs OutOfOrderWindow { get; init; }

    /// <summary>How long traces are kept.</summary>
    public DurationMs TracesKeepFor { get; init; } = DurationMs.FromSeconds(15 * 24 * 3600);

    /// <summary>How many bytes of traces are kept; 0 = any.</summary>
    public long TracesKeepBytes { get; init; }

    /// <summary>Exemplars kept over all series.</summary>
    public int MostExemplars { get; init; } = 100_000;

    /// <summary>How many series are taken.</summary>
    public SeriesLimitsConfig Limits { get; init; } = new();

    /// <summary>Reads the sections <c>storage</c> and <c>traces</c>.</summary>
    public static StorageConfig Load(YamlSection? storage, YamlSection? traces)
    {
        var config = new StorageConfig();
        if (storage is not null)
        {
            config = config with
            {
                SyncAlways = storage.Choice("wal_sync", "interval", "always") == 1,
                SyncInterval = storage.Duration("wal_sync_interval") ?? config.SyncInterval,
            };
            config = LoadTsdb(storage.Section("tsdb"), config);
            if (storage.Section("exemplars") is { } exemplars)
            {
                config = config with { MostExemplars = (int)(exemplars.Integer("max_exemplars", 0, 100_000_000) ?? config.MostExemplars) };
                exemplars.Finish();
            }

            config = config with { Limits = SeriesLimitsConfig.Load(storage.Section("limits")) };
            storage.Finish();
        }

        if (traces is null)
        {
            return config;
        }

        var (keepFor, keepBytes) = LoadRetention(traces.Section("retention"));
        traces.Finish();
        return config with { TracesKeepFor = keepFor ?? config.TracesKeepFor, TracesKeepBytes = keepBytes ?? config.TracesKeepBytes };
    }

    private static StorageConfig LoadTsdb(YamlSection? tsdb, StorageConfig config)
    {
        if (tsdb is null)
        {
            return config;
        }

        var window = tsdb.Duration("out_of_order_time_window") ?? config.OutOfOrderWindow;
        var (keepFor, keepBytes) = LoadRetention(tsdb.Section("retention"));
        // Both tune Prometheus' own block format; this store chooses an encoding per page and compacts by age.
        tsdb.Accept("stale_series_compaction_threshold", "chunk_encoding");
        tsdb.Finish();
        return config with
        {
            OutOfOrderWindow = window,
            MetricsKeepFor = keepFor ?? config.MetricsKeepFor,
            MetricsKeepBytes = keepBytes ?? config.MetricsKeepBytes,
        };
    }

    internal static (DurationMs? KeepFor, long? KeepBytes) LoadRetention(YamlSection? retention)
    {
        if (retention is null)
        {
            return (null, null);
        }

        var result = (retention.Duration("time"), retention.Bytes("size"));
        retention.Refuse("percentage", "of the disk is not supported yet; give a size");
        retention.Finish();
        return result;
    }
}
