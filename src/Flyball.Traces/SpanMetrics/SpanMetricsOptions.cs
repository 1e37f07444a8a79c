namespace Flyball.Traces.SpanMetrics;

/// <summary>Whose names the metrics made from spans carry.</summary>
public enum SpanMetricsNaming
{
    /// <summary>Tempo's: <c>traces_spanmetrics_calls_total</c>, <c>traces_spanmetrics_latency</c> in seconds.</summary>
    Tempo,

    /// <summary>The OpenTelemetry Collector's: <c>traces_span_metrics_calls_total</c>, <c>traces_span_metrics_duration_milliseconds</c>.</summary>
    Collector,

    /// <summary>Both, at twice the series.</summary>
    Both,
}

/// <summary>How metrics are made from the spans that arrive. Tempo documentation.</summary>
public sealed record SpanMetricsOptions
{
    /// <summary>Whether calls and latencies are counted.</summary>
    public bool CountSpans { get; init; } = true;

    /// <summary>Whether requests between services are counted.</summary>
    public bool CountRequests { get; init; } = true;

    /// <summary>Names of the span metrics.</summary>
    public SpanMetricsNaming Naming { get; init; }

    /// <summary>Attributes that become labels: of the resource, or else of the span.</summary>
    public IReadOnlyList<string> Dimensions { get; init; } = [];

    /// <summary>Attributes of either side that become labels <c>client_…</c> and <c>server_…</c> of the service graph.</summary>
    public IReadOnlyList<string> GraphDimensions { get; init; } = [];

    /// <summary>A span filter in TraceQL; spans that do not match count in no span metric. Null counts all.</summary>
    public string? Filter { get; init; }

    /// <summary>Upper bounds of the latency buckets, seconds, rising.</summary>
    public IReadOnlyList<double> Buckets { get; init; } = [.. Enumerable.Range(0, 14).Select(n => 0.002 * Math.Pow(2, n))];

    /// <summary>Upper bounds of the service graph's buckets, seconds, rising.</summary>
    public IReadOnlyList<double> GraphBuckets { get; init; } = [.. Enumerable.Range(0, 8).Select(n => 0.1 * Math.Pow(2, n))];

    /// <summary>The label of exemplars that carries the trace id.</summary>
    public string ExemplarLabel { get; init; } = "traceID";

    /// <summary>An attribute whose value is the sampling probability of the span; it counts for one divided by it.</summary>
    public string? ProbabilityAttribute { get; init; }

    /// <summary>Whether <c>traces_target_info</c> is written, and <c>job</c> and <c>instance</c> stand on the span metrics.</summary>
    public bool TargetInfo { get; init; }

    /// <summary>Most series over all of these metrics; spans that would make more are counted as refused.</summary>
    public int MostSeries { get; init; } = 50_000;

    /// <summary>How often samples are written.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Spans that ended longer ago than this are stored but not counted.</summary>
    public TimeSpan Slack { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Series without a span for this long end.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long one side of a request waits for the other.</summary>
    public TimeSpan PairWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most sides that wait at one time.</summary>
    public int MostOpen { get; init; } = 10_000;
}
