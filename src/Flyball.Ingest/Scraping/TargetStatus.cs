using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Ingest.Scraping;

/// <summary>Whether a target answered its latest scrape.</summary>
public enum TargetHealth
{
    /// <summary>It has not been scraped yet.</summary>
    Unknown,

    /// <summary>It answered and its page was stored.</summary>
    Up,

    /// <summary>It did not, or its page could not be stored.</summary>
    Down,
}

/// <summary>A target as <c>/api/v1/targets</c> shows it. Prometheus documentation, "Configuration".</summary>
/// <param name="DiscoveredLabels">Labels before relabelling.</param>
/// <param name="Labels">Labels attached to its samples.</param>
/// <param name="ScrapePool">Name of its scrape configuration.</param>
/// <param name="ScrapeUrl">The page that is scraped.</param>
/// <param name="LastError">Why the latest scrape failed, or "".</param>
/// <param name="LastScrape">When the latest scrape began; null before the first.</param>
/// <param name="LastScrapeDuration">How long it took.</param>
public sealed record TargetStatus(
    LabelSet DiscoveredLabels,
    LabelSet Labels,
    string ScrapePool,
    Uri ScrapeUrl,
    TargetHealth Health,
    string LastError,
    DateTimeOffset? LastScrape,
    TimeSpan LastScrapeDuration,
    DurationMs ScrapeInterval,
    DurationMs ScrapeTimeout);

/// <summary>A target went up or down.</summary>
public sealed class TargetChangedEventArgs(TargetStatus target) : EventArgs
{
    /// <summary>The target as it is now.</summary>
    public TargetStatus Target { get; } = target;
}

/// <summary>A target that relabelling dropped.</summary>
public sealed record DroppedTarget(LabelSet DiscoveredLabels, string ScrapePool);

/// <summary>All targets at one moment, pools in order of their names.</summary>
/// <param name="Active">Targets that are scraped.</param>
/// <param name="Dropped">Targets that relabelling dropped, as many as <c>keep_dropped_targets</c> allows.</param>
/// <param name="DroppedCounts">For each pool, how many were dropped in all.</param>
public sealed record TargetsSnapshot(
    IReadOnlyList<TargetStatus> Active, IReadOnlyList<DroppedTarget> Dropped, IReadOnlyDictionary<string, int> DroppedCounts)
{
    /// <summary>Names of all pools.</summary>
    public IReadOnlyList<string> Pools { get; init; } = [];
}

/// <summary>What one target says about one of its families.</summary>
public sealed record TargetMetadata(LabelSet Target, MetricMetadata Metadata);
