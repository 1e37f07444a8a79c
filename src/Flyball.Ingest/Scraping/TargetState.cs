namespace Flyball.Ingest.Scraping;

/// <summary>How one target is doing; written by its loop, read by anybody.</summary>
internal sealed class TargetState
{
    private TargetReading _latest = new(TargetHealth.Unknown, "", null, TimeSpan.Zero);

    /// <summary>The latest reading; a whole record, so that its parts fit together.</summary>
    public TargetReading Latest
    {
        get => Volatile.Read(ref _latest);
        set => Volatile.Write(ref _latest, value);
    }
}

/// <summary>The result of one scrape, as the target list shows it.</summary>
internal sealed record TargetReading(TargetHealth Health, string LastError, DateTimeOffset? LastScrape, TimeSpan LastScrapeDuration);
