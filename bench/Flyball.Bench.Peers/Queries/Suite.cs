namespace Flyball.Bench.Peers.Queries;

/// <summary>What dashboards, rules and people ask, from one series to all of them.</summary>
internal static class Suite
{
    public static readonly SuiteQuery[] All =
    [
        // Selectors
        Instant("select one series", """node_load1{instance="10.0.0.7:9100"}"""),
        Instant("select high cardinality", "node_cpu_seconds_total"),
        Instant("count one job", """count({job="node"})"""),
        Instant("count by name, all series", """count by (__name__) ({__name__=~".+"})"""),
        Range("plot one metric", "node_load15"),
        Range("plot one metric of many series", "node_hwmon_temp_celsius"),
        Range("filter by value", "node_systemd_unit_state == 1"),
        // Rates and sums
        Range("rate, one machine", """rate(node_cpu_seconds_total{instance="10.0.0.7:9100"}[5m])"""),
        Range("sum of all rates", "sum(rate(node_cpu_seconds_total[5m]))"),
        Range("sum by mode", "sum by (mode) (rate(node_cpu_seconds_total[5m]))"),
        Range("sum by instance", "sum by (instance) (rate(node_network_receive_bytes_total[5m]))"),
        Range("sum without", "sum without (cpu, mode) (rate(node_cpu_seconds_total[2m]))"),
        Range("usage per machine", """100 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])) * 100"""),
        Range("irate", "irate(node_disk_read_bytes_total[5m])"),
        Range("increase", "sum by (datacenter) (increase(node_netstat_field1[10m]))"),
        Instant("rate at one moment", "sum by (mode) (rate(node_cpu_seconds_total[5m]))"),
        Range("offset", "sum(rate(node_forks_total[5m])) - sum(rate(node_forks_total[5m] offset 10m))"),
        // Histograms
        Range("quantile of all buckets", "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))"),
        Range("quantile by route", "histogram_quantile(0.95, sum by (le, route) (rate(http_request_duration_seconds_bucket[5m])))"),
        Range("quantile by task and result", "histogram_quantile(0.9, sum by (le, task, result) (rate(ci_task_duration_seconds_bucket[10m])))"),
        Instant("quantile of every histogram", "histogram_quantile(0.5, rate(http_request_duration_seconds_bucket[5m]))"),
        Range("mean duration", "sum by (task) (rate(ci_task_duration_seconds_sum[5m])) / sum by (task) (rate(ci_task_duration_seconds_count[5m]))"),
        // The most and the least
        Range("topk over time", "topk(10, rate(node_network_transmit_bytes_total[5m]))"),
        Instant("topk", "topk(20, node_memory_field0_bytes)"),
        Range("bottomk", "bottomk(5, node_filesystem_avail_bytes)"),
        Instant("sort", "sort_desc(node_filesystem_avail_bytes)"),
        Range("quantile across series", "quantile by (datacenter) (0.9, rate(node_disk_io_time_seconds_total[5m]))"),
        Range("count_values", """count_values("value", node_disk_io_now)"""),
        // Over time
        Range("quantile_over_time", "quantile_over_time(0.95, node_load1[10m])"),
        Range("quantile_over_time, many series", "quantile_over_time(0.5, node_hwmon_temp_celsius[10m])"),
        Range("avg_over_time", "avg_over_time(node_load5[10m])"),
        Range("max_over_time", "max_over_time(node_hwmon_temp_celsius[30m])"),
        Range("stddev_over_time", "stddev_over_time(node_scrape_collector_duration_seconds[15m])"),
        Range("predict_linear", "predict_linear(node_filesystem_free_bytes[30m], 3600)"),
        Range("delta", "delta(node_hwmon_temp_celsius[10m])"),
        Range("changes", "sum by (instance) (changes(node_disk_io_now[30m]))"),
        // Subqueries
        Range("max of a rate", "max_over_time(rate(node_context_switches_total[5m])[30m:1m])"),
        Instant("mean of a sum", """avg_over_time(sum(rate(node_cpu_seconds_total{mode!="idle"}[5m]))[$all:30s])"""),
        // Joins
        Range("ratio, one to one", "node_filesystem_avail_bytes / node_filesystem_size_bytes"),
        Range("group_left", "sum by (instance) (rate(node_cpu_seconds_total[5m])) * on (instance) group_left (release) node_uname_info"),
        Range("error ratio", """sum by (service) (rate(http_request_duration_seconds_count{code="500"}[5m])) / sum by (service) (rate(http_request_duration_seconds_count[5m]))"""),
        Range("and", "node_load1 > 2 and on (instance) node_load5 > 1"),
        Range("unless", "up unless on (instance) (node_load1 > 3)"),
        // Regular expressions
        Instant("regex on names", """count({__name__=~"node_(disk|network)_.*_total"})"""),
        Range("regex on labels", """sum by (cpu) (rate(node_cpu_seconds_total{cpu=~"1[0-9]|2.", mode!~"idle|iowait"}[5m]))"""),
        Instant("regex on pods", """count(container_memory_working_set_bytes{pod=~"build-1.*"})"""),
        // Absence and labels
        Range("absent", """absent(node_load1{instance="nowhere"})"""),
        Range("absent_over_time", """absent_over_time(up{job="nothing"}[10m])"""),
        Range("label_replace", """label_replace(sum by (instance) (node_load1), "host", "$1", "instance", "(.*):.*")"""),
        Instant("label_replace, many series", """count by (rack) (label_replace(node_cpu_seconds_total, "rack", "$1", "instance", "10\\.0\\.(\\d+)\\..*"))"""),
        // Whole history
        Instant("sum of everything of a metric", "sum(sum_over_time(node_cpu_seconds_total[$all]))"),
        Instant("largest ever", "max by (datacenter) (max_over_time(node_memory_field2_bytes[$all]))"),
        Instant("rate over the history", "sum by (device) (rate(node_network_receive_bytes_total[$all]))"),
        // Series that come and go
        Range("churn, sum by namespace", "sum by (namespace) (rate(container_cpu_usage_seconds_total[5m]))"),
        Range("churn, sum by pipeline", "sum by (pipeline) (container_memory_working_set_bytes)"),
        Instant("churn, series ever", "count(count_over_time(container_memory_working_set_bytes[$all]))"),
        // Arithmetic
        Range("arithmetic", "clamp_max(abs(node_timex_offset_seconds * 1000 - 500) ^ 2, 1e6)"),
    ];

    private static SuiteQuery Instant(string name, string text) => new(name, text, IsRange: false);

    private static SuiteQuery Range(string name, string text) => new(name, text, IsRange: true);
}
