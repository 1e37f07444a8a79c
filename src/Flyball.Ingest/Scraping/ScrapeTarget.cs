using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Ingest.Scraping;

/// <summary>One target after relabelling: what to scrape and how its samples are labelled. Immutable.</summary>
/// <param name="Discovered">All labels before relabelling.</param>
/// <param name="Labels">Labels attached to samples.</param>
/// <param name="Url">The page.</param>
/// <param name="Interval">Time between scrapes.</param>
/// <param name="Timeout">How long a scrape may take.</param>
internal sealed record ScrapeTarget(LabelSet Discovered, LabelSet Labels, Uri Url, DurationMs Interval, DurationMs Timeout)
{
    /// <summary>The path of a Unix socket to connect to instead of the URL's host, or "".</summary>
    public string UnixSocket { get; init; } = "";

    /// <summary>What makes it another target when it changes; a target with the same key goes on over a reload.</summary>
    public string Key { get; } = $"{Labels} {Url} {Interval.Value} {Timeout.Value}";
}
