using System.Text;
using Flyball.Configuration;
using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Server.Configuration;

/// <summary>The section <c>global</c>: defaults for every scrape and rule. Prometheus documentation, "HTTP API".</summary>
public sealed record GlobalConfig
{
    /// <summary>How often targets are scraped.</summary>
    public DurationMs ScrapeInterval { get; init; } = DurationMs.FromSeconds(60);

    /// <summary>How long a scrape may take.</summary>
    public DurationMs ScrapeTimeout { get; init; } = DurationMs.FromSeconds(10);

    /// <summary>How often rules are evaluated; also the default resolution of subqueries.</summary>
    public DurationMs EvaluationInterval { get; init; } = DurationMs.FromSeconds(60);

    /// <summary>How far in the past rules are evaluated.</summary>
    public DurationMs RuleQueryOffset { get; init; }

    /// <summary>Labels added to what leaves for other systems.</summary>
    public LabelSet ExternalLabels { get; init; } = LabelSet.Empty;

    /// <summary>Where queries are written, a line each; null = nowhere. Relative to the configuration's folder.</summary>
    public string? QueryLogFile { get; init; }

    /// <summary>Reads the section; null gives the defaults.</summary>
    /// <param name="environment">Looks up the variables that external labels may name.</param>
    public static GlobalConfig Load(YamlSection? section, Func<string, string?> environment)
    {
        var config = new GlobalConfig();
        if (section is null)
        {
            return config;
        }

        var interval = section.Duration("scrape_interval") ?? config.ScrapeInterval;
        var timeout = section.Duration("scrape_timeout");
        if (timeout > interval)
        {
            section.Report("scrape_timeout", "global scrape timeout greater than scrape interval; lower it or raise scrape_interval");
        }

        config = config with
        {
            ScrapeInterval = interval,
            ScrapeTimeout = timeout ?? (config.ScrapeTimeout > interval ? interval : config.ScrapeTimeout),
            EvaluationInterval = section.Duration("evaluation_interval") ?? config.EvaluationInterval,
            RuleQueryOffset = section.Duration("rule_query_offset") ?? config.RuleQueryOffset,
            ExternalLabels = Expand(section.Labels("external_labels"), environment),
            QueryLogFile = section.Text("query_log_file") is { Length: > 0 } file ? file : null,
        };
        foreach (var key in (string[])["scrape_interval", "evaluation_interval"])
        {
            if (section.Has(key) && section.Duration(key) is { Value: 0 })
            {
                section.Report(key, $"\"{key}\" is 0; it must be longer");
            }
        }

        // Defaults that each scrape_config reads for itself, see ScrapeSection.
        section.Accept(ScrapeSection.Inherited);
        section.Warn("scrape_failure_log_file", "is not written yet; failures show in /api/v1/targets and in the log");
        section.Finish();
        return config;
    }

    /// <summary>Replaces <c>$NAME</c> and <c>${NAME}</c> in label values; <c>$$</c> is a dollar sign. Prometheus documentation, "HTTP API".</summary>
    internal static string ExpandVariables(string text, Func<string, string?> environment)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
                continue;
            }

            var braced = text[i + 1] == '{';
            var start = i + (braced ? 2 : 1);
            var end = start;
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
            {
                end++;
            }

            if (end == start || (braced && (end == text.Length || text[end] != '}')))
            {
                result.Append('$');
                continue;
            }

            result.Append(environment(text[start..end]) ?? "");
            i = braced ? end : end - 1;
        }

        return result.ToString();
    }

    private static LabelSet Expand(LabelSet labels, Func<string, string?> environment)
    {
        var builder = new LabelSetBuilder();
        foreach (var (name, value) in labels.AsPairs())
        {
            builder.Set(name, ExpandVariables(value, environment));
        }

        return builder.Build();
    }
}
