using Flyball.Configuration;
using Flyball.Ingest.Discovery;
using Flyball.Ingest.Scraping;
using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Server.Configuration;

/// <summary>Turns <c>scrape_configs</c> into scrape pools. Prometheus documentation, "Configuration".</summary>
internal static class ScrapeSection
{
    /// <summary>Keys that stand in <c>global</c> as defaults and in each scrape configuration.</summary>
    public static readonly string[] Inherited =
    [
        "scrape_protocols", "body_size_limit", "sample_limit", "label_limit", "label_name_length_limit",
        "label_value_length_limit", "target_limit", "keep_dropped_targets", "metric_name_validation_scheme",
        "metric_name_escaping_scheme", "scrape_native_histograms", "convert_classic_histograms_to_nhcb",
        "always_scrape_classic_histograms", "extra_scrape_metrics",
    ];

    /// <summary>Keys that are read but change nothing yet; their author must not believe otherwise.</summary>
    private static readonly string[] NotApplied =
        ["convert_classic_histograms_to_nhcb", "native_histogram_bucket_limit", "native_histogram_min_bucket_factor"];

    private static readonly string[] Validations = ["utf8", "legacy"];
    private static readonly string[] Escapings = ["allow-utf-8", "underscores", "dots", "values"];

    /// <summary>Reads every pool.</summary>
    public static IReadOnlyList<ScrapeConfig> Load(YamlSection root, GlobalConfig global, string baseFolder)
    {
        var defaults = new ScrapeConfig { JobName = "", ScrapeInterval = global.ScrapeInterval };
        if (root.Section("global") is { } globalSection)
        {
            defaults = ReadInherited(globalSection, defaults);
            globalSection.Warn(NotApplied[0], "is not applied yet: histograms are stored as they are exposed");
        }

        var pools = new List<ScrapeConfig>();
        foreach (var section in root.Sections("scrape_configs"))
        {
            var pool = ReadPool(section, defaults, global, baseFolder);
            if (pools.Exists(p => p.JobName == pool.JobName))
            {
                section.Report("job_name", $"found multiple scrape configs with job name \"{pool.JobName}\"; job names must be unique");
            }

            pools.Add(pool);
        }

        return pools;
    }

    private static ScrapeConfig ReadPool(YamlSection section, ScrapeConfig defaults, GlobalConfig global, string baseFolder)
    {
        var pool = ReadInherited(section, defaults) with { JobName = section.RequiredText("job_name") };
        pool = ReadTimes(section, pool, global);
        pool = pool with
        {
            MetricsPath = section.Text("metrics_path") ?? pool.MetricsPath,
            Scheme = section.Choice("scheme", "http", "https") == 1 ? "https" : "http",
            Params = ReadParams(section),
            HonorLabels = section.Boolean("honor_labels") ?? pool.HonorLabels,
            HonorTimestamps = section.Boolean("honor_timestamps") ?? pool.HonorTimestamps,
            TrackTimestampsStaleness = section.Boolean("track_timestamps_staleness") ?? pool.TrackTimestampsStaleness,
            EnableCompression = section.Boolean("enable_compression") ?? pool.EnableCompression,
            NativeHistogramBucketLimit = section.Integer("native_histogram_bucket_limit", 0) ?? 0,
            NativeHistogramMinBucketFactor = section.Number("native_histogram_min_bucket_factor") ?? 0,
            FallbackScrapeProtocol = ReadFallback(section),
            Http = HttpClientSection.Read(section, baseFolder),
            Discoveries = ReadDiscoveries(section, baseFolder),
            RelabelConfigs = RelabelSection.Load(section, "relabel_configs"),
            MetricRelabelConfigs = RelabelSection.Load(section, "metric_relabel_configs"),
        };
        foreach (var key in NotApplied)
        {
            section.Warn(key, "is not applied yet: histograms are stored as they are exposed");
        }

        section.Finish();
        return pool;
    }

    private static ScrapeConfig ReadTimes(YamlSection section, ScrapeConfig pool, GlobalConfig global)
    {
        var interval = section.Duration("scrape_interval") ?? pool.ScrapeInterval;
        if (interval.Value <= 0)
        {
            section.Report("scrape_interval", "\"scrape_interval\" is 0; it must be longer");
        }

        var timeout = section.Duration("scrape_timeout");
        if (timeout > interval)
        {
            section.Report("scrape_timeout", $"scrape timeout greater than scrape interval ({DurationText.Format(interval)}); lower it or raise scrape_interval");
        }

        var inherited = global.ScrapeTimeout > interval ? interval : global.ScrapeTimeout;
        return pool with { ScrapeInterval = interval, ScrapeTimeout = timeout ?? inherited };
    }

    private static ScrapeConfig ReadInherited(YamlSection section, ScrapeConfig otherwise) => otherwise with
    {
        ScrapeProtocols = (IReadOnlyList<ScrapeProtocol>?)ReadProtocols(section) ?? otherwise.ScrapeProtocols,
        BodySizeLimit = section.Bytes("body_size_limit") ?? otherwise.BodySizeLimit,
        SampleLimit = section.Integer("sample_limit", 0) ?? otherwise.SampleLimit,
        LabelLimit = section.Integer("label_limit", 0) ?? otherwise.LabelLimit,
        LabelNameLengthLimit = section.Integer("label_name_length_limit", 0) ?? otherwise.LabelNameLengthLimit,
        LabelValueLengthLimit = section.Integer("label_value_length_limit", 0) ?? otherwise.LabelValueLengthLimit,
        TargetLimit = section.Integer("target_limit", 0) ?? otherwise.TargetLimit,
        KeepDroppedTargets = section.Integer("keep_dropped_targets", 0) ?? otherwise.KeepDroppedTargets,
        MetricNameValidation = (NameValidation)(section.Choice("metric_name_validation_scheme", Validations) ?? (int)otherwise.MetricNameValidation),
        MetricNameEscaping = section.Choice("metric_name_escaping_scheme", Escapings) is { } escaping ? (NameEscaping)escaping : otherwise.MetricNameEscaping,
        ScrapeNativeHistograms = section.Boolean("scrape_native_histograms") ?? otherwise.ScrapeNativeHistograms,
        ConvertClassicHistogramsToNhcb = section.Boolean("convert_classic_histograms_to_nhcb") ?? otherwise.ConvertClassicHistogramsToNhcb,
        AlwaysScrapeClassicHistograms = section.Boolean("always_scrape_classic_histograms") ?? otherwise.AlwaysScrapeClassicHistograms,
        ExtraScrapeMetrics = section.Boolean("extra_scrape_metrics") ?? otherwise.ExtraScrapeMetrics,
    };

    private static List<ScrapeProtocol>? ReadProtocols(YamlSection section)
    {
        if (!section.Has("scrape_protocols"))
        {
            return null;
        }

        var protocols = new List<ScrapeProtocol>();
        foreach (var word in section.Texts("scrape_protocols"))
        {
            if (!ScrapeProtocolNames.TryParse(word, out var protocol))
            {
                section.Report("scrape_protocols", UnknownProtocol(word));
            }
            else if (protocols.Contains(protocol))
            {
                section.Report("scrape_protocols", $"duplicated protocol in scrape_protocols: {word}");
            }
            else
            {
                protocols.Add(protocol);
            }
        }

        return protocols;
    }

    private static ScrapeProtocol? ReadFallback(YamlSection section)
    {
        if (section.Text("fallback_scrape_protocol") is not { } word)
        {
            return null;
        }

        if (ScrapeProtocolNames.TryParse(word, out var protocol))
        {
            return protocol;
        }

        section.Report("fallback_scrape_protocol", UnknownProtocol(word));
        return null;
    }

    private static string UnknownProtocol(string word) =>
        $"unknown scrape protocol \"{word}\"; write one of {string.Join(", ", ScrapeProtocolNames.All)}{Model.Text.NearestWord.Suggest(word, ScrapeProtocolNames.All)}";

    private static List<KeyValuePair<string, IReadOnlyList<string>>> ReadParams(YamlSection section)
    {
        var parameters = new List<KeyValuePair<string, IReadOnlyList<string>>>();
        if (section.Section("params") is { } map)
        {
            foreach (var name in map.Keys)
            {
                parameters.Add(new(name, map.Texts(name)));
            }
        }

        return parameters;
    }

    private static List<DiscoveryConfig> ReadDiscoveries(YamlSection section, string baseFolder)
    {
        var discoveries = new List<DiscoveryConfig>();
        if (ReadStatic(section, "static_configs") is { Count: > 0 } groups)
        {
            discoveries.Add(new StaticDiscoveryConfig(groups));
        }

        foreach (var entry in section.Sections("file_sd_configs"))
        {
            discoveries.Add(ReadFiles(entry, baseFolder));
            entry.Finish();
        }

        foreach (var entry in section.Sections("http_sd_configs"))
        {
            var url = entry.RequiredText("url");
            if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            {
                entry.Report("url", "the URL of an http_sd_config must start with http:// or https://");
                address = new Uri("http://invalid");
            }

            var refresh = entry.Duration("refresh_interval") ?? HttpDiscoveryConfig.DefaultRefreshInterval;
            discoveries.Add(new HttpDiscoveryConfig(address, refresh, HttpClientSection.Read(entry, baseFolder)));
            entry.Finish();
        }

        foreach (var key in DiscoveryKinds.Refused)
        {
            section.Refuse(key, DiscoveryKinds.WhyRefused);
        }

        return discoveries;
    }

    private static FileDiscoveryConfig ReadFiles(YamlSection entry, string baseFolder)
    {
        var files = entry.Texts("files");
        if (files.Count == 0)
        {
            entry.Report("files", "file service discovery config must contain at least one path name");
        }

        foreach (var file in files)
        {
            var lastPart = Path.GetFileName(file);
            if (Path.GetExtension(file) is not (".json" or ".yml" or ".yaml") || lastPart.Count(c => c == '*') > 1
                || file[..^lastPart.Length].Contains('*', StringComparison.Ordinal))
            {
                entry.Report("files", $"path name \"{file}\" is not valid for file discovery; it ends in .json, .yml or .yaml and may hold one * in its last part");
            }
        }

        return new FileDiscoveryConfig(
            [.. files.Select(f => Path.GetFullPath(f, baseFolder))], entry.Duration("refresh_interval") ?? FileDiscoveryConfig.DefaultRefreshInterval);
    }

    private static List<TargetGroup> ReadStatic(YamlSection section, string key)
    {
        var groups = new List<TargetGroup>();
        foreach (var entry in section.Sections(key))
        {
            var targets = entry.Texts("targets");
            foreach (var target in targets.Where(t => t.Contains('/', StringComparison.Ordinal)))
            {
                entry.Report("targets", $"\"{target}\" is not a valid hostname; give host:port only, scheme and path have keys of their own");
            }

            groups.Add(TargetGroup.Of(groups.Count.ToString(), targets, entry.Has("labels") ? entry.Labels("labels") : LabelSet.Empty));
            entry.Finish();
        }

        return groups;
    }
}
