using Flyball.Ingest.Bodies;
using Flyball.Ingest.Exposition;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Ingest.Scraping;

/// <summary>Turns the page of one target into a batch: its samples, staleness markers for what is gone, and the report series.</summary>
/// <remarks>One per target; keeps the cache that makes the next scrape cheap. Not thread-safe. Prometheus documentation, "Configuration".</remarks>
internal sealed class ScrapeAppender(ScrapeConfig config, LabelSet targetLabels)
{
    // Further ahead than this is a mistake of the target's clock. Prometheus documentation, "Configuration".
    private const long FurthestAheadMs = 600_000;

    private readonly ExpositionFormats _formats = new(config);
    private readonly SampleLabeller _labeller = new(config, targetLabels);
    private readonly ScrapeReport _report = new(config, targetLabels);
    private readonly LabelSetBuilder _exposed = new();
    private readonly List<int> _entryOfSeries = [];
    private readonly List<int> _vanished = [];

    /// <summary>The name of the scrape configuration.</summary>
    public string Pool => config.JobName;

    /// <summary>What was exposed before; may be handed to the appender that replaces this one.</summary>
    public SeriesCache Cache { get; init; } = new();

    /// <summary>What the target's families say about themselves.</summary>
    public FamilyMetadata Metadata { get; } = new();

    /// <summary>Whether series get the same labels under another configuration, so that the cache still holds.</summary>
    public bool LabelsAlike(ScrapeConfig other) =>
        config.HonorLabels == other.HonorLabels && config.MetricNameValidation == other.MetricNameValidation
        && config.LabelLimit == other.LabelLimit && config.LabelNameLengthLimit == other.LabelNameLengthLimit
        && config.LabelValueLengthLimit == other.LabelValueLengthLimit
        && config.MetricRelabelConfigs.SequenceEqual(other.MetricRelabelConfigs);

    /// <summary>Fills a batch with the samples of a page and markers for the series that are missing from it.</summary>
    /// <exception cref="ScrapeFailedException">The page cannot be stored; call <see cref="AddFailure"/> on the cleared batch.</exception>
    /// <exception cref="ExpositionFormatException">The page is malformed; likewise.</exception>
    public ScrapeCounts AddPage(SampleBatch batch, BodyBuffer body, TimestampMs at)
    {
        _entryOfSeries.Clear();
        Cache.Begin();
        Metadata.Begin();
        var counts = new ScrapeCounts();
        var reader = _formats.Open(body);
        while (true)
        {
            var entry = reader.Read();
            switch (entry)
            {
                case ExpositionEntry.End:
                    FailOverLimit(counts);
                    AddVanished(batch, at);
                    return counts;
                case ExpositionEntry.Sample or ExpositionEntry.Histogram:
                    AddSample(batch, reader, at, ref counts);
                    break;
                default:
                    Metadata.Note(entry, reader, batch);
                    break;
            }
        }
    }

    /// <summary>Fills an empty batch with markers for everything the last good scrape had.</summary>
    /// <param name="pageBegun">Whether <see cref="AddPage"/> has begun this scrape.</param>
    public void AddFailure(SampleBatch batch, TimestampMs at, bool pageBegun)
    {
        _entryOfSeries.Clear();
        if (!pageBegun)
        {
            Cache.Begin();
        }

        _vanished.Clear();
        Cache.FindAllOfLastScrape(_vanished);
        AddMarkers(batch, at);
    }

    /// <summary>Adds <c>up</c> and its companions.</summary>
    public void AddReport(SampleBatch batch, TimestampMs at, ScrapeOutcome outcome) => _report.Add(batch, at, outcome);

    /// <summary>Fills an empty batch with markers for everything, because the target is gone.</summary>
    public void AddEnd(SampleBatch batch, TimestampMs at)
    {
        AddFailure(batch, at, pageBegun: false);
        _report.AddEnd(batch, at);
    }

    /// <summary>Keeps the handles that the store gave to the series of a batch.</summary>
    public void KeepRefs(SampleBatch batch)
    {
        for (var i = 0; i < _entryOfSeries.Count; i++)
        {
            Cache.SetRef(_entryOfSeries[i], batch.Ref(i));
        }

        _report.KeepRefs(batch);
    }

    private void AddSample(SampleBatch batch, ExpositionReader reader, TimestampMs at, ref ScrapeCounts counts)
    {
        counts.Scraped++;
        var index = Cache.Find(reader.Series);
        if (index == SeriesCache.Unknown)
        {
            reader.ReadLabels(_exposed.Clear());
            var labels = _labeller.Label(_exposed);
            index = Cache.Add(reader.Series, labels);
            counts.SeriesAdded += labels is null ? 0 : 1;
        }

        if (Cache.Labels(index) is not { } known)
        {
            return;
        }

        var ownTime = reader.HasTimestamp && config.HonorTimestamps;
        if (ownTime && reader.TimestampMs > at.Value + FurthestAheadMs)
        {
            counts.OutOfBounds++;
            return;
        }

        if ((!ownTime || config.TrackTimestampsStaleness) && !Cache.Track(index) && !ownTime)
        {
            counts.Duplicates++;
            return;
        }

        counts.Stored++;
        if (config.SampleLimit > 0 && counts.Stored > config.SampleLimit)
        {
            // The rest is only counted: the report says how many there were.
            return;
        }

        var time = ownTime ? new TimestampMs(reader.TimestampMs) : at;
        var series = batch.AddSeries(known, Cache.Ref(index));
        _entryOfSeries.Add(index);
        if (reader.Histogram is { } histogram)
        {
            batch.AddHistogram(series, time, histogram);
        }
        else
        {
            batch.AddSample(series, time, reader.Value);
        }

        foreach (var exemplar in reader.Exemplars)
        {
            batch.AddExemplar(series, new Exemplar(exemplar.Labels, exemplar.Value, new TimestampMs(exemplar.TimestampMs ?? time.Value)));
        }
    }

    private void FailOverLimit(ScrapeCounts counts)
    {
        if (config.SampleLimit > 0 && counts.Stored > config.SampleLimit)
        {
            throw new SampleLimitException(counts);
        }
    }

    private void AddVanished(SampleBatch batch, TimestampMs at)
    {
        _vanished.Clear();
        Cache.FindVanished(_vanished);
        AddMarkers(batch, at);
    }

    private void AddMarkers(SampleBatch batch, TimestampMs at)
    {
        foreach (var index in _vanished)
        {
            batch.AddSample(batch.AddSeries(Cache.Labels(index)!, Cache.Ref(index)), at, StaleMarker.Value);
            _entryOfSeries.Add(index);
        }
    }
}

/// <summary>A page holds more samples than <c>sample_limit</c>.</summary>
internal sealed class SampleLimitException(ScrapeCounts counts) : Exception("sample limit exceeded")
{
    public ScrapeCounts Counts { get; } = counts;
}

/// <summary>What was counted while a page was read.</summary>
internal record struct ScrapeCounts
{
    /// <summary>Samples on the page.</summary>
    public int Scraped;

    /// <summary>Samples left after relabelling.</summary>
    public int Stored;

    /// <summary>Series that were not there at any recent scrape.</summary>
    public int SeriesAdded;

    /// <summary>Samples of series that came twice.</summary>
    public int Duplicates;

    /// <summary>Samples whose own time is too far ahead.</summary>
    public int OutOfBounds;
}

/// <summary>How a scrape went, as its report series tell it.</summary>
/// <param name="BodyBytes">Size of the page; -1 over the limit, 0 on other failures.</param>
internal readonly record struct ScrapeOutcome(bool Up, TimeSpan Duration, ScrapeCounts Counts, long BodyBytes);
