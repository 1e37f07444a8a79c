using Flyball.Configuration;
using Flyball.Traces;
using Flyball.Traces.SpanMetrics;
using Flyball.Traces.Tempo;
using Flyball.Traces.TraceQL;

namespace Flyball.Server.Configuration;

/// <summary>Reads the section <c>traces</c> but for its plain retention, which <see cref="StorageConfig"/> reads.</summary>
internal static class TracesSection
{
    private static readonly string[] Namings = ["tempo", "collector", "both"];

    /// <summary>Rules that keep some traces for another time than the rest.</summary>
    public static IReadOnlyList<KeepRule> ReadRules(YamlSection? retention)
    {
        var rules = new List<KeepRule>();
        foreach (var section in retention?.Sections("rules") ?? [])
        {
            var match = section.RequiredText("match");
            var keepFor = section.Duration("keep_for");
            if (keepFor is null)
            {
                section.Report("keep_for is missing: how long matching traces are kept, e.g. 90d");
            }

            CheckQuery(section, "match", match, () => KeepRule.Check(match));
            rules.Add(new KeepRule(match, (keepFor ?? default).ToTimeSpan()));
            section.Finish();
        }

        return rules;
    }

    /// <summary>Bounds of answers.</summary>
    public static TempoOptions ReadBounds(YamlSection? traces)
    {
        var bounds = new TempoOptions();
        return traces is null ? bounds : bounds with
        {
            MostTraceBytes = (int)Math.Clamp(traces.Bytes("max_trace_size") ?? bounds.MostTraceBytes, 1 << 10, 1 << 30),
            MostSeries = (int)(traces.Integer("max_metrics_series", 0, int.MaxValue) ?? bounds.MostSeries),
            LongestRange = traces.Duration("max_metrics_range")?.ToTimeSpan() ?? bounds.LongestRange,
        };
    }

    /// <summary>How metrics are made from spans.</summary>
    public static SpanMetricsOptions ReadSpanMetrics(YamlSection? traces)
    {
        var options = new SpanMetricsOptions();
        if (traces?.Section("span_metrics") is { } spans)
        {
            options = ReadSpans(spans, options);
            spans.Finish();
        }

        if (traces?.Section("service_graph") is { } graph)
        {
            options = ReadGraph(graph, options);
            graph.Finish();
        }

        return options;
    }

    private static SpanMetricsOptions ReadSpans(YamlSection section, SpanMetricsOptions options)
    {
        var filter = section.Text("filter");
        var read = options with
        {
            CountSpans = section.Boolean("enabled") ?? options.CountSpans,
            Naming = (SpanMetricsNaming)(section.Choice("naming", Namings) ?? 0),
            Dimensions = section.Texts("dimensions"),
            Filter = filter,
            Buckets = ReadBuckets(section) ?? options.Buckets,
            ExemplarLabel = section.Text("exemplar_label") ?? options.ExemplarLabel,
            ProbabilityAttribute = section.Text("probability_attribute"),
            TargetInfo = section.Boolean("target_info") ?? options.TargetInfo,
            MostSeries = (int)(section.Integer("max_series", 0, 10_000_000) ?? options.MostSeries),
            Interval = section.Duration("interval")?.ToTimeSpan() ?? options.Interval,
            Slack = section.Duration("slack")?.ToTimeSpan() ?? options.Slack,
            Idle = section.Duration("idle")?.ToTimeSpan() ?? options.Idle,
        };
        if (read.Interval <= TimeSpan.Zero)
        {
            section.Report("interval", "the interval must be above 0");
        }

        CheckQuery(section, "filter", filter, () => SpanMetricsGenerator.Check(read));
        return read;
    }

    private static SpanMetricsOptions ReadGraph(YamlSection section, SpanMetricsOptions options) => options with
    {
        CountRequests = section.Boolean("enabled") ?? options.CountRequests,
        GraphDimensions = section.Texts("dimensions"),
        GraphBuckets = ReadBuckets(section) ?? options.GraphBuckets,
        PairWithin = section.Duration("wait")?.ToTimeSpan() ?? options.PairWithin,
        MostOpen = (int)(section.Integer("max_open", 1, 10_000_000) ?? options.MostOpen),
    };

    private static List<double>? ReadBuckets(YamlSection section)
    {
        if (!section.Has("buckets"))
        {
            return null;
        }

        var bounds = new List<double>();
        foreach (var text in section.Texts("buckets"))
        {
            if (!double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var bound) || !double.IsFinite(bound)
                || (bounds.Count > 0 && bound <= bounds[^1]))
            {
                section.Report("buckets", $"\"{text}\": rising numbers of seconds are expected");
                return null;
            }

            bounds.Add(bound);
        }

        return bounds;
    }

    private static void CheckQuery(YamlSection section, string key, string? query, Action check)
    {
        if (string.IsNullOrEmpty(query))
        {
            return;
        }

        try
        {
            check();
        }
        catch (TraceQLException e)
        {
            section.Report(key, e.Message);
        }
    }
}
