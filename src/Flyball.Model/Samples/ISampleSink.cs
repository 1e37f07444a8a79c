namespace Flyball.Model.Samples;

/// <summary>Where samples go: the metrics store, or anything that stands before it.</summary>
public interface ISampleSink
{
    /// <summary>Stores a batch. Readers see all of what was stored of it or nothing.</summary>
    /// <param name="batch">Still owned by the caller; the sink fills in <see cref="SampleBatch.SetRef"/> for known series
    /// and keeps nothing of it after the returned task has completed.</param>
    /// <param name="mode">What to do when a sample is refused.</param>
    /// <returns>Completes when the stored part has reached the write-ahead log as <c>wal_sync</c> demands.</returns>
    /// <exception cref="IOException">The log cannot be written (disk full, read-only): nothing was stored.</exception>
    /// <remarks>Safe from many threads.</remarks>
    ValueTask<AppendReport> AppendAsync(SampleBatch batch, AppendMode mode, CancellationToken cancellationToken);
}

/// <summary>What a refused sample means for the rest of its batch.</summary>
public enum AppendMode
{
    /// <summary>The others are stored; refusals are reported (scrapes, OTLP, remote write 2.0).</summary>
    StoreWhatFits,

    /// <summary>Nothing is stored if anything is refused (remote write 1.0), but for series over a limit: those alone are left out,
    /// for else one series too many would keep all others of its sender out.</summary>
    AllOrNothing,
}

/// <summary>What a sink did with a batch.</summary>
public sealed class AppendReport
{
    /// <summary>The report of a batch without refusals.</summary>
    public AppendReport(int stored, int seriesCreated, IReadOnlyList<RejectedSample>? rejected = null)
    {
        Stored = stored;
        SeriesCreated = seriesCreated;
        Rejected = rejected ?? [];
    }

    /// <summary>Samples that are in the store now; 0 after a rolled-back batch.</summary>
    public int Stored { get; }

    /// <summary>Series that did not exist before.</summary>
    public int SeriesCreated { get; }

    /// <summary>The samples that were refused, in batch order.</summary>
    public IReadOnlyList<RejectedSample> Rejected { get; }
}

/// <summary>One refused sample.</summary>
/// <param name="SampleIndex">Its index in the batch.</param>
/// <param name="Outcome">Why; never <see cref="AppendOutcome.Stored"/>.</param>
/// <param name="Detail">What a person needs to mend it, e.g. the limit that was reached.</param>
public readonly record struct RejectedSample(int SampleIndex, AppendOutcome Outcome, string? Detail = null);
