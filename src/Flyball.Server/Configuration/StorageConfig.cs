using Flyball.Configuration;
using Flyball.Metrics.Downsampling;
using Flyball.Model.Time;
using Flyball.Traces;
using Flyball.Traces.SpanMetrics;
using Flyball.Traces.Tempo;

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

    /// <summary>Whether the configuration says how long or how much; else the command line may.</summary>
    public bool HasMetricsRetention { get; init; }

    /// <summary>How late a sample may be.</summary>
    public DurationMs OutOfOrderWindow { get; init; }

    /// <summary>How long traces are kept.</summary>
    public DurationMs TracesKeepFor { get; init; } = DurationMs.FromSeconds(15 * 24 * 3600);

    /// <summary>How many bytes of traces are kept; 0 = any.</summary>
    public long TracesKeepBytes { get; init; }

    /// <summary>Coarser copies of old samples.</summary>
    public IReadOnlyList<DownsamplingRule> Downsampling { get; init; } = [];

    /// <summary>The share of one core that merging and downsampling may use, above 0 and at most 1.</summary>
    public double CompactionShare { get; init; } = 0.5;

    /// <summary>Traces kept longer or shorter than the rest; the first that matches decides.</summary>
    public IReadOnlyList<KeepRule> TracesKeepRules { get; init; } = [];

    /// <summary>Bounds of answers about traces.</summary>
    public TempoOptions TraceBounds { get; init; } = new();

    /// <summary>How metrics are made from spans.</summary>
    public SpanMetricsOptions SpanMetrics { get; init; } = new();

    /// <summary>Exemplars kept over all series.</summary>
    public int MostExemplars { get; init; } = 100_000;

    /// <summary>How many series are taken.</summary>
    public SeriesLimitsConfig Limits { get; init; } = new();

    /// <summary>Takes over what the command line says of retention, unless the configuration says something itself.</summary>
    public StorageConfig WithFlags(TimeSpan? keepFor, long? keepBytes) => HasMetricsRetention ? this : this with
    {
        MetricsKeepFor = keepFor is { } time ? DurationMs.From(time) : MetricsKeepFor,
        MetricsKeepBytes = keepBytes ?? MetricsKeepBytes,
    };

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
            config = config with { Downsampling = LoadDownsampling(storage, config), CompactionShare = LoadShare(storage) ?? config.CompactionShare };
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

        var retention = traces.Section("retention");
        var rules = TracesSection.ReadRules(retention);
        var (keepFor, keepBytes) = LoadRetention(retention);
        config = config with
        {
            TracesKeepFor = keepFor ?? config.TracesKeepFor,
            TracesKeepBytes = keepBytes ?? config.TracesKeepBytes,
            TracesKeepRules = rules,
            TraceBounds = TracesSection.ReadBounds(traces),
            SpanMetrics = TracesSection.ReadSpanMetrics(traces),
        };
        traces.Finish();
        return config;
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
            HasMetricsRetention = keepFor is not null || keepBytes is not null,
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

    private static double? LoadShare(YamlSection storage)
    {
        var share = storage.Number("compaction_share");
        if (share is <= 0 or > 1 or double.NaN)
        {
            storage.Report("compaction_share", "is a share of one core: above 0 and at most 1");
            return null;
        }

        return share;
    }

    private static List<DownsamplingRule> LoadDownsampling(YamlSection storage, StorageConfig config)
    {
        var rules = new List<DownsamplingRule>();
        foreach (var section in storage.Sections("downsampling"))
        {
            var resolution = (section.Duration("resolution") ?? DurationMs.FromSeconds(300)).ToTimeSpan();
            if (resolution < TimeSpan.FromSeconds(1) || resolution > TimeSpan.FromHours(54) || rules.Exists(r => r.Resolution == resolution))
            {
                section.Report("resolution", "must lie between 1s and 54h, and be given once");
            }

            var after = section.Duration("after") ?? DurationMs.FromSeconds(2 * 24 * 3600);
            CheckAge(section, after, config);
            rules.Add(new DownsamplingRule(
                resolution,
                after.ToTimeSpan(),
                (section.Duration("keep_for") ?? DurationMs.Zero).ToTimeSpan()));
            section.Finish();
        }

        return rules;
    }

    private static void CheckAge(YamlSection rule, DurationMs after, StorageConfig config)
    {
        var window = DurationMs.FromSeconds(54 * 3600);
        if (config.MetricsKeepFor.Value > 0 && after.Value + window.Value > config.MetricsKeepFor.Value)
        {
            rule.Report("after", $"\"after\" is {DurationText.Format(after)}, but raw samples are deleted after {DurationText.Format(config.MetricsKeepFor)} "
                + "and summaries are written 54h at a time; lower it or raise storage.tsdb.retention.time");
        }

        if (after.Value < config.OutOfOrderWindow.Value + DurationMs.FromSeconds(7200).Value)
        {
            rule.Report("after", $"\"after\" is {DurationText.Format(after)}; it must be 2h longer than out_of_order_time_window, "
                + DurationText.Format(config.OutOfOrderWindow));
        }
    }
}
