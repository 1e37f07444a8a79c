using System.Diagnostics.Metrics;

namespace Flyball.Ingest.Scraping;

/// <summary>What scraping tells about itself; names are those Prometheus has, so that its dashboards and alerts fit.</summary>
internal static class ScrapeMetrics
{
    private static readonly Meter Meter = new("Flyball.Ingest");

    public static readonly Counter<long> Duplicates = Meter.CreateCounter<long>(
        "prometheus_target_scrapes_sample_duplicate_timestamp_total", description: "Samples refused because another value is stored for their time.");

    public static readonly Counter<long> OutOfOrder = Meter.CreateCounter<long>(
        "prometheus_target_scrapes_sample_out_of_order_total", description: "Samples refused because newer ones are stored.");

    public static readonly Counter<long> OutOfBounds = Meter.CreateCounter<long>(
        "prometheus_target_scrapes_sample_out_of_bounds_total", description: "Samples refused because their time is outside what the store takes.");

    public static readonly Counter<long> OverSampleLimit = Meter.CreateCounter<long>(
        "prometheus_target_scrapes_exceeded_sample_limit_total", description: "Scrapes that had more samples than sample_limit.");

    public static readonly Counter<long> OverBodyLimit = Meter.CreateCounter<long>(
        "prometheus_target_scrapes_exceeded_body_size_limit_total", description: "Scrapes whose body was larger than body_size_limit.");

    public static readonly Counter<long> StoreFailures = Meter.CreateCounter<long>(
        "flyball_scrape_storage_failures_total", description: "Scrapes whose samples the store could not write; they are lost.");

    public static readonly Counter<long> Scrapes = Meter.CreateCounter<long>(
        "flyball_scrapes_total", description: "Scrapes by outcome.");
}
