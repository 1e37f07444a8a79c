using Flyball.Ingest.Bodies;
using Flyball.Ingest.Exposition;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Ingest.Scraping;

/// <summary>Scrapes one target at its interval, from the first scrape until it is stopped.</summary>
/// <remarks>
/// One scrape: 1. fetch the page, 2. fill a batch with its samples, staleness markers and report series, 3. store the
/// batch, 4. publish the state. A page that fails at 1 or 2 leaves markers and <c>up</c> 0 behind.
/// </remarks>
internal sealed class ScrapeLoop(ScrapeTarget target, ScrapeAppender appender, IScrapeSource source, ScrapeServices services)
{
    // Times within this of the ideal ones are set to them: regular times cost the store almost nothing. Prometheus documentation, "Configuration".
    private static readonly TimeSpan LargestShift = TimeSpan.FromMilliseconds(2);

    private readonly TimeSpan _interval = target.Interval.ToTimeSpan();
    private DateTimeOffset _ideal;

    /// <summary>The target.</summary>
    public ScrapeTarget Target => target;

    /// <summary>The name of the pool.</summary>
    public string Pool => appender.Pool;

    /// <summary>What the target exposed before.</summary>
    public ScrapeAppender Appender => appender;

    /// <summary>How the target is doing.</summary>
    public TargetState State { get; } = new();

    /// <summary>When the next scrape would have been due, once the loop has ended.</summary>
    public DateTimeOffset NextDue { get; private set; }

    /// <summary>Whether another loop goes on with this one's series.</summary>
    public bool IsTakenOver { get; private set; }

    /// <summary>Hands the cache of this stopped loop to its successor; null when the successor would label series otherwise.</summary>
    public SeriesCache? TakeOver(ScrapeConfig successor)
    {
        IsTakenOver = true;
        return appender.LabelsAlike(successor) ? appender.Cache : null;
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var untilFirst = DelayUntilFirst();
            NextDue = services.Time.GetUtcNow() + untilFirst;
            await Task.Delay(untilFirst, services.Time, cancellationToken);
            _ideal = services.Time.GetUtcNow();
            using var timer = new PeriodicTimer(_interval, services.Time);
            do
            {
                await ScrapeAsync(AlignedNow(), cancellationToken);
                NextDue = _ideal + _interval;
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped by its pool.
        }
        catch (Exception e)
        {
            // A defect must not look like a healthy target, nor take the other targets along.
            State.Latest = new TargetReading(TargetHealth.Down, $"the scrape loop broke: {e.Message}", services.Time.GetUtcNow(), TimeSpan.Zero);
            ScrapeLog.LoopBroke(services.Logger, target.Url, e);
        }
    }

    /// <summary>Ends the target's series at a time.</summary>
    public async Task EndSeriesAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        var batch = services.Batches.Rent();
        appender.AddEnd(batch, TimestampMs.From(at));
        await StoreAsync(batch, cancellationToken);
        services.Batches.Return(batch);
    }

    private async Task ScrapeAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        var started = services.Time.GetTimestamp();
        var begun = services.Time.GetUtcNow();
        var batch = services.Batches.Rent();
        using var body = new BodyBuffer();
        var time = TimestampMs.From(at);
        var counts = new ScrapeCounts();
        string? error = null;
        var tooLarge = false;
        var pageBegun = false;
        try
        {
            await source.FetchAsync(body, cancellationToken);
            pageBegun = true;
            counts = appender.AddPage(batch, body, time);
            ScrapeMetrics.Duplicates.Add(counts.Duplicates);
            ScrapeMetrics.OutOfBounds.Add(counts.OutOfBounds);
        }
        catch (Exception e) when (e is ScrapeFailedException or ExpositionFormatException or SampleLimitException)
        {
            error = e.Message;
            tooLarge = e is ScrapeFailedException { BodyTooLarge: true };
            counts = e is SampleLimitException limit ? limit.Counts : default;
            batch.Clear();
            appender.AddFailure(batch, time, pageBegun);
            Count(e);
        }

        var duration = services.Time.GetElapsedTime(started);
        var bodyBytes = tooLarge ? -1 : error is null || pageBegun ? body.Length : 0;
        appender.AddReport(batch, time, new ScrapeOutcome(error is null, duration, counts, bodyBytes));
        await StoreAsync(batch, cancellationToken);
        services.Batches.Return(batch);
        Publish(new TargetReading(error is null ? TargetHealth.Up : TargetHealth.Down, error ?? "", begun, duration));
    }

    private void Publish(TargetReading reading)
    {
        var before = State.Latest.Health;
        State.Latest = reading;
        ScrapeMetrics.Scrapes.Add(1, new KeyValuePair<string, object?>("outcome", reading.Health == TargetHealth.Up ? "success" : "failure"));
        if (reading.LastError.Length > 0)
        {
            ScrapeLog.ScrapeFailed(services.Logger, target.Url, reading.LastError);
        }

        if (before != reading.Health)
        {
            services.HealthChanged(this);
        }
    }

    private async ValueTask StoreAsync(SampleBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            var report = await services.Sink.AppendAsync(batch, AppendMode.StoreWhatFits, cancellationToken);
            appender.KeepRefs(batch);
            if (report.Rejected.Count > 0)
            {
                Count(report.Rejected);
            }
        }
        catch (IOException e)
        {
            ScrapeMetrics.StoreFailures.Add(1);
            ScrapeLog.StoreFailed(services.Logger, target.Url, e);
        }
    }

    private void Count(IReadOnlyList<RejectedSample> rejected)
    {
        ScrapeLog.SamplesRefused(services.Logger, rejected.Count, target.Url, rejected[0].Outcome.ToString());
        foreach (var sample in rejected)
        {
            switch (sample.Outcome)
            {
                case AppendOutcome.DuplicateTimestamp:
                    ScrapeMetrics.Duplicates.Add(1);
                    break;
                case AppendOutcome.OutOfOrder or AppendOutcome.TooOld:
                    ScrapeMetrics.OutOfOrder.Add(1);
                    break;
                case AppendOutcome.OutOfBounds:
                    ScrapeMetrics.OutOfBounds.Add(1);
                    break;
            }
        }
    }

    private static void Count(Exception failure)
    {
        switch (failure)
        {
            case SampleLimitException:
                ScrapeMetrics.OverSampleLimit.Add(1);
                break;
            case ScrapeFailedException { BodyTooLarge: true }:
                ScrapeMetrics.OverBodyLimit.Add(1);
                break;
        }
    }

    // The same target is due at the same point of every interval, whoever restarts; different targets at different points.
    private TimeSpan DelayUntilFirst()
    {
        var now = services.Time.GetUtcNow().Ticks - DateTimeOffset.UnixEpoch.Ticks;
        var interval = _interval.Ticks;
        var hash = Model.Labels.LabelSet.HashOf(System.Text.Encoding.UTF8.GetBytes(target.Key)) ^ services.Seed;
        var offset = (long)(hash % (ulong)interval);
        var delay = interval - (now % interval) + offset;
        return TimeSpan.FromTicks(delay >= interval ? delay - interval : delay);
    }

    private DateTimeOffset AlignedNow()
    {
        var now = services.Time.GetUtcNow();
        var tolerance = _interval / 100 < LargestShift ? _interval / 100 : LargestShift;
        var missed = (now - _ideal + tolerance) / _interval;
        if (missed >= 1)
        {
            _ideal += _interval * Math.Floor(missed);
        }

        if ((now - _ideal).Duration() <= tolerance)
        {
            return _ideal;
        }

        // The machine was busy, or somebody set the clock: then the true time counts.
        if ((now - _ideal).Duration() > _interval)
        {
            _ideal = now;
        }

        return now;
    }
}
