using static Flyball.Bench.Peers.Workload.ValueShape;

namespace Flyball.Bench.Peers.Workload;

/// <summary>What one pipeline and the service it deploys show, and what each of its short-lived pods shows.</summary>
internal static class CiFamilies
{
    /// <summary>Upper bounds of the buckets, with the share (of 1000) of observations at or below each.</summary>
    internal static readonly (string Bound, int Share)[] Buckets =
    [
        ("0.005", 20), ("0.01", 60), ("0.025", 140), ("0.05", 260), ("0.1", 420), ("0.25", 600),
        ("0.5", 740), ("1", 850), ("2.5", 930), ("5", 970), ("10", 990), ("+Inf", 1000),
    ];

    private static readonly string[] Bounds = [.. Buckets.Select(b => b.Bound)];
    private static readonly (string, string[]) Job = ("task", ["build", "lint", "test", "deploy"]);
    private static readonly (string, string[]) Result = ("result", ["failure", "success"]);
    private static readonly (string, string[]) Route = ("route", ["/", "/cart", "/checkout", "/items/:id", "/login"]);
    private static readonly (string, string[]) Code = ("code", ["200", "404", "500"]);

    public static readonly Family[] LongLived =
    [
        new("ci_task_duration_seconds_bucket", Bucket, ("le", Bounds), Job, Result),
        new("ci_task_duration_seconds_sum", NanoSeconds, Job, Result),
        new("ci_task_duration_seconds_count", Bucket, Job, Result),
        new("ci_queue_length", Level, ("runner", ["large", "small"])),
        new("ci_queue_wait_seconds", Raw, ("runner", ["large", "small"])),
        new("ci_last_run_timestamp_seconds", Clock),
        new("http_request_duration_seconds_bucket", Bucket, ("le", Bounds), Route, Code),
        new("http_request_duration_seconds_sum", NanoSeconds, Route, Code),
        new("http_request_duration_seconds_count", Bucket, Route, Code),
        new("http_requests_in_flight", Level, Route),
    ];

    public static readonly Family[] PerPod =
    [
        new("container_cpu_usage_seconds_total", NanoSeconds),
        new("container_memory_working_set_bytes", Bytes),
        new("container_network_receive_bytes_total", Counter),
        new("ci_step_duration_seconds", Raw),
        new("ci_step_exit_code", Constant),
        new("kube_pod_status_ready", One),
    ];

    /// <summary>The share of a series' bucket; 1000 where it is none.</summary>
    public static int ShareOf(Family family, int series) => family.Dimensions is [("le", _), ..] ? Buckets[series % Buckets.Length].Share : 1000;
}
