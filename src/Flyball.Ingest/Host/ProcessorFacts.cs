using Flyball.Ingest.Exposition;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Host;

/// <summary>Processor time, context switches and processes from <c>/proc/stat</c>.</summary>
internal static class ProcessorFacts
{
    // The kernel counts in ticks of which user space always sees 100 a second (sysconf(_SC_CLK_TCK) on Linux).
    private const double TicksPerSecond = 100;

    private static readonly string[] Modes = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];

    private static readonly (string Key, string Name, MetricType Type, string Help)[] Others =
    [
        ("ctxt", "node_context_switches_total", MetricType.Counter, "Total number of context switches."),
        ("intr", "node_intr_total", MetricType.Counter, "Total number of interrupts serviced."),
        ("processes", "node_forks_total", MetricType.Counter, "Total number of forks."),
        ("procs_running", "node_procs_running", MetricType.Gauge, "Number of processes in runnable state."),
        ("procs_blocked", "node_procs_blocked", MetricType.Gauge, "Number of processes blocked waiting for I/O to complete."),
        ("btime", "node_boot_time_seconds", MetricType.Gauge, "Node boot time, in unixtime."),
    ];

    public static void Write(ExpositionTextWriter writer, ProcFiles proc, TimeProvider time)
    {
        var rows = proc.Rows("stat").ToList();
        writer.Family("node_cpu_seconds_total", MetricType.Counter, "Seconds the CPUs spent in each mode.");
        foreach (var row in rows.Where(r => r[0].StartsWith("cpu", StringComparison.Ordinal) && r[0].Length > 3))
        {
            for (var i = 0; i < Modes.Length; i++)
            {
                writer.Sample("node_cpu_seconds_total", [("cpu", row[0][3..]), ("mode", Modes[i])], ProcFiles.Number(row, i + 1) / TicksPerSecond);
            }
        }

        foreach (var (key, name, type, help) in Others)
        {
            if (rows.Find(r => r[0] == key) is { } row)
            {
                writer.Family(name, type, help);
                writer.Sample(name, [], ProcFiles.Number(row, 1));
            }
        }

        writer.Family("node_time_seconds", MetricType.Gauge, "System time in seconds since epoch (1970).");
        writer.Sample("node_time_seconds", [], time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
    }
}
