using Flyball.Ingest.Discovery;
using Flyball.Ingest.Relabelling;
using Flyball.Model.Time;

namespace Flyball.Ingest.Scraping;

/// <summary>One <c>scrape_config</c>: where targets come from and how they are scraped. Immutable. Prometheus documentation, "Configuration".</summary>
/// <remarks>The defaults are those of Prometheus with an empty <c>global</c> section; who reads a file merges <c>global</c> in.
/// Two configurations that are equal member by member run as one pool over a reload, without a gap.</remarks>
public sealed record ScrapeConfig
{
    /// <summary>Name of the pool and default of the label <c>job</c>; unique.</summary>
    public required string JobName { get; init; }

    /// <summary>Time between two scrapes of a target; positive.</summary>
    public DurationMs ScrapeInterval { get; init; } = DurationMs.FromSeconds(60);

    /// <summary>How long one scrape may take; at most the interval.</summary>
    public DurationMs ScrapeTimeout { get; init; } = DurationMs.FromSeconds(10);

    /// <summary>Formats asked for, best first.</summary>
    public IReadOnlyList<ScrapeProtocol> ScrapeProtocols { get; init; } = ScrapeProtocolNames.Default;

    /// <summary>Format assumed where a target names none that is known; null fails such scrapes.</summary>
    public ScrapeProtocol? FallbackScrapeProtocol { get; init; }

    /// <summary>Path of the page to scrape.</summary>
    public string MetricsPath { get; init; } = "/metrics";

    /// <summary><c>http</c> or <c>https</c>.</summary>
    public string Scheme { get; init; } = "http";

    /// <summary>URL parameters.</summary>
    public IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> Params { get; init; } = [];

    /// <summary>Whether labels a target exposes win over those the server attaches.</summary>
    public bool HonorLabels { get; init; }

    /// <summary>Whether times a target exposes are used.</summary>
    public bool HonorTimestamps { get; init; } = true;

    /// <summary>Whether series with exposed times get staleness markers too.</summary>
    public bool TrackTimestampsStaleness { get; init; }

    /// <summary>Whether compressed answers are asked for.</summary>
    public bool EnableCompression { get; init; } = true;

    /// <summary>Authentication, TLS, proxy and headers.</summary>
    public HttpClientConfig Http { get; init; } = new();

    /// <summary>Largest answer in bytes after decompression; 0 = no limit.</summary>
    public long BodySizeLimit { get; init; }

    /// <summary>Most samples of one scrape after relabelling; 0 = no limit.</summary>
    public long SampleLimit { get; init; }

    /// <summary>Most labels of one series; 0 = no limit.</summary>
    public long LabelLimit { get; init; }

    /// <summary>Longest label name in bytes; 0 = no limit.</summary>
    public long LabelNameLengthLimit { get; init; }

    /// <summary>Longest label value in bytes; 0 = no limit.</summary>
    public long LabelValueLengthLimit { get; init; }

    /// <summary>Most targets of the pool; with more, all fail unscraped; 0 = no limit.</summary>
    public long TargetLimit { get; init; }

    /// <summary>Most dropped targets kept for the target list; 0 = no limit.</summary>
    public long KeepDroppedTargets { get; init; }

    /// <summary>Which metric and label names are valid.</summary>
    public NameValidation MetricNameValidation { get; init; } = NameValidation.Utf8;

    /// <summary>How targets are asked to escape names that are not legacy names; null: by the validation.</summary>
    public NameEscaping? MetricNameEscaping { get; init; }

    /// <summary>Whether native histograms are stored.</summary>
    public bool ScrapeNativeHistograms { get; init; }

    /// <summary>Whether classic histograms are stored as native ones with custom buckets.</summary>
    public bool ConvertClassicHistogramsToNhcb { get; init; }

    /// <summary>Whether the classic form of a histogram is stored beside a native one.</summary>
    public bool AlwaysScrapeClassicHistograms { get; init; }

    /// <summary>Most buckets of a native histogram; with more its resolution is lowered; 0 = no limit.</summary>
    public long NativeHistogramBucketLimit { get; init; }

    /// <summary>Least growth from bucket to bucket; finer histograms are lowered to it; 0 = no limit.</summary>
    public double NativeHistogramMinBucketFactor { get; init; }

    /// <summary>Whether <c>scrape_timeout_seconds</c>, <c>scrape_sample_limit</c> and <c>scrape_body_size_bytes</c> are stored.</summary>
    public bool ExtraScrapeMetrics { get; init; }

    /// <summary>Where targets come from.</summary>
    public IReadOnlyList<DiscoveryConfig> Discoveries { get; init; } = [];

    /// <summary>Rules applied to each target.</summary>
    public IReadOnlyList<RelabelRule> RelabelConfigs { get; init; } = [];

    /// <summary>Rules applied to each sample.</summary>
    public IReadOnlyList<RelabelRule> MetricRelabelConfigs { get; init; } = [];
}

/// <summary>Which metric and label names a scrape accepts.</summary>
public enum NameValidation
{
    /// <summary>Any non-empty valid UTF-8.</summary>
    Utf8,

    /// <summary>Letters, digits, underscore and (metrics only) colon.</summary>
    Legacy,
}

/// <summary>How names outside the legacy form are written for those who cannot take them. Prometheus documentation, "Configuration".</summary>
public enum NameEscaping
{
    /// <summary>Not at all.</summary>
    AllowUtf8,

    /// <summary>Other characters become underscores.</summary>
    Underscores,

    /// <summary>Dots become <c>_dot_</c>, underscores double.</summary>
    Dots,

    /// <summary><c>U__</c>, and other characters by their number.</summary>
    Values,
}
