using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Ingest.Scraping;

/// <summary>The series every scrape writes about itself, with target labels only. Prometheus documentation, "Configuration".</summary>
internal sealed class ScrapeReport
{
    private static readonly string[] Names =
    [
        "up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling", "scrape_series_added",
    ];

    private static readonly string[] ExtraNames = ["scrape_timeout_seconds", "scrape_sample_limit", "scrape_body_size_bytes"];

    private readonly ScrapeConfig _config;
    private readonly LabelSet[] _series;
    private readonly SeriesRef[] _refs;
    private int _firstInBatch = -1;

    public ScrapeReport(ScrapeConfig config, LabelSet targetLabels)
    {
        _config = config;
        string[] names = config.ExtraScrapeMetrics ? [.. Names, .. ExtraNames] : Names;
        _series = [.. names.Select(name => new LabelSetBuilder().Start(targetLabels).Set(LabelSet.MetricNameLabel, name).Build())];
        _refs = new SeriesRef[_series.Length];
    }

    /// <summary>Adds the samples of one scrape.</summary>
    public void Add(SampleBatch batch, TimestampMs at, ScrapeOutcome outcome)
    {
        _firstInBatch = batch.SeriesCount;
        ReadOnlySpan<double> values =
        [
            outcome.Up ? 1 : 0, outcome.Duration.TotalSeconds, outcome.Counts.Scraped, outcome.Counts.Stored, outcome.Counts.SeriesAdded,
            _config.ScrapeTimeout.ToSeconds(), _config.SampleLimit, outcome.BodyBytes,
        ];
        for (var i = 0; i < _series.Length; i++)
        {
            batch.AddSample(batch.AddSeries(_series[i], _refs[i]), at, values[i]);
        }
    }

    /// <summary>Adds a staleness marker to each.</summary>
    public void AddEnd(SampleBatch batch, TimestampMs at)
    {
        _firstInBatch = batch.SeriesCount;
        for (var i = 0; i < _series.Length; i++)
        {
            batch.AddSample(batch.AddSeries(_series[i], _refs[i]), at, StaleMarker.Value);
        }
    }

    /// <summary>Keeps the handles that the store gave.</summary>
    public void KeepRefs(SampleBatch batch)
    {
        for (var i = 0; _firstInBatch >= 0 && i < _series.Length; i++)
        {
            _refs[i] = batch.Ref(_firstInBatch + i);
        }
    }
}
