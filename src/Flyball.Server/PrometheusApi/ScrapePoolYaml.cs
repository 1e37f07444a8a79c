using System.Text;
using System.Text.Json;
using Flyball.Ingest.Relabelling;
using Flyball.Ingest.Scraping;
using Flyball.Model.Time;

namespace Flyball.Server.PrometheusApi;

/// <summary>Writes what is in force for one scrape pool as YAML, defaults included. Authentication is left out whole.</summary>
internal static class ScrapePoolYaml
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(ScrapeConfig pool)
    {
        var yaml = new StringBuilder();
        Line(yaml, "job_name", Quote(pool.JobName));
        Line(yaml, "honor_labels", Word(pool.HonorLabels));
        Line(yaml, "honor_timestamps", Word(pool.HonorTimestamps));
        Line(yaml, "track_timestamps_staleness", Word(pool.TrackTimestampsStaleness));
        Line(yaml, "scrape_interval", DurationText.Format(pool.ScrapeInterval));
        Line(yaml, "scrape_timeout", DurationText.Format(pool.ScrapeTimeout));
        yaml.Append("scrape_protocols:\n");
        foreach (var protocol in pool.ScrapeProtocols)
        {
            yaml.Append("- ").Append(ScrapeProtocolNames.All[(int)protocol]).Append('\n');
        }

        Line(yaml, "scrape_native_histograms", Word(pool.ScrapeNativeHistograms));
        Line(yaml, "convert_classic_histograms_to_nhcb", Word(pool.ConvertClassicHistogramsToNhcb));
        Line(yaml, "always_scrape_classic_histograms", Word(pool.AlwaysScrapeClassicHistograms));
        Line(yaml, "metrics_path", Quote(pool.MetricsPath));
        Line(yaml, "scheme", pool.Scheme);
        Line(yaml, "enable_compression", Word(pool.EnableCompression));
        Limit(yaml, "body_size_limit", pool.BodySizeLimit);
        Limit(yaml, "sample_limit", pool.SampleLimit);
        Limit(yaml, "label_limit", pool.LabelLimit);
        Limit(yaml, "label_name_length_limit", pool.LabelNameLengthLimit);
        Limit(yaml, "label_value_length_limit", pool.LabelValueLengthLimit);
        Limit(yaml, "target_limit", pool.TargetLimit);
        Params(yaml, pool.Params);
        Rules(yaml, "relabel_configs", pool.RelabelConfigs);
        Rules(yaml, "metric_relabel_configs", pool.MetricRelabelConfigs);
        return yaml.ToString();
    }

    /// <summary>An action as configurations write it.</summary>
    public static string WordOf(RelabelAction action) => action.ToString().ToLowerInvariant();

    private static void Params(StringBuilder yaml, IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> parameters)
    {
        if (parameters.Count == 0)
        {
            return;
        }

        yaml.Append("params:\n");
        foreach (var (name, values) in parameters)
        {
            yaml.Append("  ").Append(Quote(name)).Append(": [").AppendJoin(", ", values.Select(Quote)).Append("]\n");
        }
    }

    private static void Rules(StringBuilder yaml, string key, IReadOnlyList<RelabelRule> rules)
    {
        if (rules.Count == 0)
        {
            return;
        }

        yaml.Append(key).Append(":\n");
        foreach (var rule in rules)
        {
            yaml.Append("- action: ").Append(WordOf(rule.Action)).Append('\n');
            if (rule.SourceLabels.Count > 0)
            {
                yaml.Append("  source_labels: [").AppendJoin(", ", rule.SourceLabels.Select(Quote)).Append("]\n");
            }

            Line(yaml, "  separator", Quote(rule.Separator));
            Line(yaml, "  regex", Quote(rule.Regex));
            Limit(yaml, "  modulus", (long)rule.Modulus);
            if (rule.TargetLabel.Length > 0)
            {
                Line(yaml, "  target_label", Quote(rule.TargetLabel));
            }

            Line(yaml, "  replacement", Quote(rule.Replacement));
        }
    }

    private static void Line(StringBuilder yaml, string key, string value) => yaml.Append(key).Append(": ").Append(value).Append('\n');

    private static void Limit(StringBuilder yaml, string key, long limit)
    {
        if (limit != 0)
        {
            Line(yaml, key, limit.ToString());
        }
    }

    private static string Word(bool value) => value ? "true" : "false";

    // A JSON string is a YAML string, whatever it contains.
    private static string Quote(string text) => JsonSerializer.Serialize(text, Relaxed);
}
