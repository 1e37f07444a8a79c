namespace Flyball.Server.Configuration;

/// <summary>Turns <c>scrape_configs</c> into scrape pools.</summary>
internal static class ScrapeSection
{
    /// <summary>Keys that stand in <c>global</c> as defaults and in each scrape configuration. Shared facts E3, E4.</summary>
    public static readonly string[] Inherited =
    [
        "scrape_protocols", "body_size_limit", "sample_limit", "label_limit", "label_name_length_limit",
        "label_value_length_limit", "target_limit", "keep_dropped_targets", "metric_name_validation_scheme",
        "metric_name_escaping_scheme", "scrape_native_histograms", "convert_classic_histograms_to_nhcb",
        "always_scrape_classic_histograms", "extra_scrape_metrics",
    ];
}
