namespace Flyball.Bench.PromQL;

/// <summary>A question a dashboard or a rule asks.</summary>
/// <param name="Span">Length of the range asked about; zero for an instant query.</param>
/// <param name="Step">Distance of the steps; zero for an instant query.</param>
internal sealed record BenchQuery(string Name, string Text, TimeSpan Span, TimeSpan Step);

/// <summary>What dashboards and rules ask, each kind of work the engine does at least once.</summary>
internal static class QuerySuite
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1), Long = TimeSpan.FromHours(6);

    public static readonly IReadOnlyList<BenchQuery> All =
    [
        Instant("name", "node_load1"),
        Instant("one series", """node_cpu_seconds_total{instance="10.1.0.7:9100",cpu="3",mode="user"}"""),
        Instant("regex all pods", """kube_pod_status_phase{pod=~"worker-0.*",phase="Running"}"""),
        Instant("count all", "count({__name__!=\"\"})"),
        Instant("count by name", "count by (__name__) ({job=~\".+\"})"),
        Instant("sum rate", "sum by (instance) (rate(node_cpu_seconds_total{mode!=\"idle\"}[5m]))"),
        Instant("topk", "topk(10, rate(http_requests_total[5m]))"),
        Instant("histogram", "histogram_quantile(0.99, sum by (le, job) (rate(http_request_duration_seconds_bucket[5m])))"),
        Instant("quantile over 1h", "quantile_over_time(0.95, node_load1[1h])"),
        Instant("absent", "absent(node_load1{instance=\"nowhere\"})"),
        Instant("ratio", "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes"),
        Instant("alert disk", "predict_linear(node_filesystem_avail_bytes[1h], 4 * 3600) < 0"),
        Instant("alert errors", """sum by (job) (rate(http_requests_total{code=~"5.."}[5m])) / sum by (job) (rate(http_requests_total[5m])) > 0.01"""),
        Instant("subquery", "max_over_time(sum(rate(http_requests_total[5m]))[1h:1m])"),
        Instant("count_values", "count_values(\"v\", kube_pod_status_phase)"),
        Range("gauge 1h", "node_load1", Hour, 15),
        Range("one rate 6h", """rate(node_network_receive_bytes_total{instance="10.1.0.7:9100"}[5m])""", Long, 60),
        Range("all rates 1h", "rate(node_network_receive_bytes_total[5m])", Hour, 60),
        Range("cpu by instance 1h", """100 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])) * 100""", Hour, 15),
        Range("cpu by mode 6h", "sum by (mode) (rate(node_cpu_seconds_total[5m]))", Long, 60),
        Range("cpu total 6h 15s", "sum(rate(node_cpu_seconds_total[1m]))", Long, 15),
        Range("irate", "sum by (device) (irate(node_network_transmit_bytes_total[5m]))", Hour, 15),
        Range("increase 1h window", "sum by (handler) (increase(http_requests_total[1h]))", Long, 60),
        Range("histogram by job", "histogram_quantile(0.99, sum by (le, job) (rate(http_request_duration_seconds_bucket[5m])))", Hour, 15),
        Range("histogram by instance", "histogram_quantile(0.9, sum by (le, instance) (rate(http_request_duration_seconds_bucket[5m])))", Hour, 60),
        Range("mean latency", "sum by (job) (rate(http_request_duration_seconds_sum[5m])) / sum by (job) (rate(http_request_duration_seconds_count[5m]))", Long, 60),
        Range("errors ratio", """sum by (job) (rate(http_requests_total{code=~"5.."}[5m])) / sum by (job) (rate(http_requests_total[5m]))""", Long, 60),
        Range("topk rates", "topk(5, sum by (instance) (rate(node_network_receive_bytes_total[5m])))", Long, 60),
        Range("topk of many", "topk(10, rate(http_requests_total[5m]))", Hour, 60),
        Range("quantile of many", "quantile(0.9, rate(http_requests_total[5m]))", Hour, 60),
        Range("stddev", "stddev by (job) (rate(http_requests_total[5m]))", Hour, 60),
        Range("max over time", "max_over_time(node_load1[1h])", Long, 60),
        Range("avg over time", "avg_over_time(node_memory_MemAvailable_bytes[1h])", Long, 60),
        Range("quantile over time", "quantile_over_time(0.95, node_load1[30m])", Long, 60),
        Range("stddev over time", "stddev_over_time(node_load5[30m])", Long, 60),
        Range("deriv", "deriv(node_filesystem_avail_bytes[30m])", Hour, 60),
        Range("changes", "sum(changes(kube_pod_status_phase[1h]))", Hour, 60),
        Range("join", "node_filesystem_avail_bytes / node_filesystem_size_bytes", Hour, 60),
        Range("join group_left", "rate(node_network_receive_bytes_total[5m]) * on (instance) group_left up{job=\"node\"}", Hour, 60),
        Range("and unless", "(node_load1 > 4) and on (instance) (node_load5 > 4) unless on (instance) (up == 0)", Hour, 60),
        Range("label_replace", """sum by (host) (label_replace(node_load1, "host", "$1", "instance", "([^:]+):.*"))""", Hour, 15),
        Range("regex count", """count by (namespace) (kube_pod_status_phase{pod=~"worker-0[0-9a-f]+-.*",phase=~"Running|Pending"} == 1)""", Hour, 15),
        Range("absent range", "absent(up{job=\"nothing\"})", Long, 60),
        Range("subquery rate", "max_over_time(sum by (job) (rate(http_requests_total[5m]))[30m:1m])", Hour, 60),
        Range("sum over subquery", "avg_over_time(node_load1[30m:1m])", Hour, 60),
        Range("clamp and round", "round(clamp_max(sum by (job) (rate(http_requests_total[5m])), 1000), 0.1)", Long, 60),
        Range("offset", "sum(rate(http_requests_total[5m])) / sum(rate(http_requests_total[5m] offset 1h))", Hour, 15),
        Range("high cardinality", "sum by (instance, handler) (rate(http_request_duration_seconds_bucket[5m]))", Hour, 60),
    ];

    private static BenchQuery Instant(string name, string text) => new(name, text, TimeSpan.Zero, TimeSpan.Zero);

    private static BenchQuery Range(string name, string text, TimeSpan span, int stepSeconds) =>
        new(name, text, span, TimeSpan.FromSeconds(stepSeconds));
}
