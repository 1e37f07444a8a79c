using Flyball.Model.Samples;

namespace Flyball.Traces.SpanMetrics;

/// <summary>What the families made from spans say about themselves.</summary>
internal static class SpanMetricsFamilies
{
    private static readonly MetricMetadata[] Tempo =
    [
        new("traces_spanmetrics_calls_total", MetricType.Counter, "Spans per service, name, kind and status.", ""),
        new("traces_spanmetrics_size_total", MetricType.Counter, "Bytes of spans as they were sent.", "bytes"),
        new("traces_spanmetrics_latency", MetricType.Histogram, "Duration of spans.", "seconds"),
    ];

    private static readonly MetricMetadata[] Collector =
    [
        new("traces_span_metrics_calls_total", MetricType.Counter, "Spans per service, name, kind and status.", ""),
        new("traces_span_metrics_duration_milliseconds", MetricType.Histogram, "Duration of spans.", "milliseconds"),
    ];

    private static readonly MetricMetadata[] Graph =
    [
        new("traces_service_graph_request_total", MetricType.Counter, "Requests between two services.", ""),
        new("traces_service_graph_request_failed_total", MetricType.Counter, "Requests of which either side failed.", ""),
        new("traces_service_graph_request_client_seconds", MetricType.Histogram, "Duration of requests as the client saw it.", "seconds"),
        new("traces_service_graph_request_server_seconds", MetricType.Histogram, "Duration of requests as the server saw it.", "seconds"),
        new("traces_service_graph_request_messaging_system_seconds", MetricType.Histogram, "From a message's sending to its receipt.", "seconds"),
    ];

    public static void Describe(SampleBatch batch, SpanMetricsOptions options)
    {
        var isTempo = options.CountSpans && options.Naming != SpanMetricsNaming.Collector;
        var isCollector = options.CountSpans && options.Naming != SpanMetricsNaming.Tempo;
        foreach (var family in (MetricMetadata[])[.. isTempo ? Tempo : [], .. isCollector ? Collector : [], .. options.CountRequests ? Graph : []])
        {
            batch.AddMetadata(family);
        }
    }
}
