using System.Diagnostics.Metrics;
using Flyball.Model.Samples;

namespace Flyball.Metrics;

/// <summary>What the store counts about itself, under the names Prometheus' dashboards know.</summary>
internal sealed class StoreMeter : IDisposable
{
    private readonly Meter _meter = new("Flyball.Metrics");
    private readonly Counter<long> _appended;
    private readonly Counter<long> _created;
    private readonly Counter<long> _outOfOrder;
    private readonly Counter<long> _outOfBounds;
    private readonly Counter<long> _tooOld;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _compactions;
    private readonly Counter<long> _compactionsFailed;
    private readonly Counter<long> _walCorruptions;
    private readonly Counter<long> _damagedBlocks;

    public StoreMeter()
    {
        _appended = _meter.CreateCounter<long>("prometheus_tsdb_head_samples_appended_total", description: "Samples stored.");
        _created = _meter.CreateCounter<long>("prometheus_tsdb_head_series_created_total", description: "Series begun.");
        _outOfOrder = _meter.CreateCounter<long>("prometheus_tsdb_out_of_order_samples_total", description: "Samples refused because they were late.");
        _outOfBounds = _meter.CreateCounter<long>("prometheus_tsdb_out_of_bound_samples_total", description: "Samples refused because of their time.");
        _tooOld = _meter.CreateCounter<long>("prometheus_tsdb_too_old_samples_total", description: "Samples refused because they were older than the out-of-order window.");
        _refused = _meter.CreateCounter<long>("flyball_metrics_refused_samples_total", description: "Samples refused, by reason.");
        _compactions = _meter.CreateCounter<long>("prometheus_tsdb_compactions_total", description: "Blocks written by sealing and merging.");
        _compactionsFailed = _meter.CreateCounter<long>("prometheus_tsdb_compactions_failed_total", description: "Blocks that could not be written.");
        _walCorruptions = _meter.CreateCounter<long>("prometheus_tsdb_wal_corruptions_total", description: "Damaged stretches of the write-ahead log.");
        _damagedBlocks = _meter.CreateCounter<long>("flyball_metrics_damaged_blocks_total", description: "Blocks set aside because a checksum did not match.");
    }

    public void Appended(int samples, int series)
    {
        _appended.Add(samples, new KeyValuePair<string, object?>("type", "float"));
        if (series > 0)
        {
            _created.Add(series);
        }
    }

    /// <summary>A sample of a series too many; the reason is the key of the limit.</summary>
    public void RefusedOver(string limit) => _refused.Add(1, new KeyValuePair<string, object?>("reason", limit));

    public void Refused(List<RejectedSample> samples)
    {
        foreach (var sample in samples)
        {
            if (sample.Outcome == AppendOutcome.SeriesLimitReached)
            {
                continue;
            }

            _refused.Add(1, new KeyValuePair<string, object?>("reason", NameOf(sample.Outcome)));
            (sample.Outcome switch
            {
                AppendOutcome.OutOfOrder => _outOfOrder,
                AppendOutcome.OutOfBounds => _outOfBounds,
                AppendOutcome.TooOld => _tooOld,
                _ => null,
            })?.Add(1, new KeyValuePair<string, object?>("type", "float"));
        }
    }

    public void Compacted() => _compactions.Add(1);

    public void CompactionFailed() => _compactionsFailed.Add(1);

    public void LogDamaged(int stretches) => _walCorruptions.Add(stretches);

    public void BlockDamaged() => _damagedBlocks.Add(1);

    /// <summary>Registers what is read off the store when somebody asks.</summary>
    public void Watch(MetricStore store)
    {
        _meter.CreateObservableGauge("prometheus_tsdb_head_series", () => (long)store.Statistics.HeadSeries, description: "Series in the heads.");
        _meter.CreateObservableGauge("prometheus_tsdb_head_chunks", () => store.Statistics.HeadPages, description: "Sealed pages in the heads.");
        _meter.CreateObservableGauge("prometheus_tsdb_head_min_time", () => store.Statistics.OldestHeadMs, description: "Oldest time in the heads, ms.");
        _meter.CreateObservableGauge("prometheus_tsdb_head_max_time", () => store.Statistics.NewestHeadMs, description: "Newest time in the heads, ms.");
        _meter.CreateObservableGauge("prometheus_tsdb_blocks_loaded", () => (long)store.Statistics.Blocks, description: "Blocks that answer queries.");
        _meter.CreateObservableGauge("prometheus_tsdb_storage_blocks_bytes", () => store.Statistics.BlockBytes, description: "Bytes of all blocks.");
        _meter.CreateObservableGauge("prometheus_tsdb_wal_segment_current", () => store.Statistics.LogSegment, description: "Segment of the log that is written to.");
        _meter.CreateObservableGauge("prometheus_tsdb_exemplar_exemplars_in_storage", () => (long)store.Statistics.Exemplars, description: "Exemplars kept.");
        _meter.CreateObservableGauge("flyball_metrics_head_bytes", () => store.Statistics.HeadBytes, unit: "By", description: "Memory of the heads.");
    }

    public void Dispose() => _meter.Dispose();

    private static string NameOf(AppendOutcome outcome) => outcome switch
    {
        AppendOutcome.DuplicateTimestamp => "duplicate_timestamp",
        AppendOutcome.OutOfOrder => "out_of_order",
        AppendOutcome.TooOld => "too_old",
        AppendOutcome.OutOfBounds => "out_of_bounds",
        _ => "invalid",
    };
}
