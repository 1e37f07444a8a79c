using System.Globalization;
using Flyball.Ingest.Exposition;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Host;

/// <summary>How long work waited for processors, memory and disks, from <c>/proc/pressure</c>.</summary>
internal static class PressureFacts
{
    private static readonly (string File, string Row, string Name, string Help)[] Totals =
    [
        ("pressure/cpu", "some", "node_pressure_cpu_waiting_seconds_total", "Total time in seconds that processes have waited for CPU time"),
        ("pressure/io", "some", "node_pressure_io_waiting_seconds_total", "Total time in seconds that processes have waited due to IO congestion"),
        ("pressure/io", "full", "node_pressure_io_stalled_seconds_total", "Total time in seconds no process could make progress due to IO congestion"),
        ("pressure/memory", "some", "node_pressure_memory_waiting_seconds_total", "Total time in seconds that processes have waited for memory"),
        ("pressure/memory", "full", "node_pressure_memory_stalled_seconds_total", "Total time in seconds no process could make progress due to memory congestion"),
    ];

    public static void Write(ExpositionTextWriter writer, ProcFiles proc)
    {
        foreach (var (file, kind, name, help) in Totals)
        {
            foreach (var row in proc.Rows(file).Where(r => r[0] == kind))
            {
                // "some avg10=0.00 avg60=0.00 avg300=0.00 total=12345", in microseconds
                var total = row[^1].Split('=')[^1];
                if (double.TryParse(total, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds))
                {
                    writer.Family(name, MetricType.Counter, help);
                    writer.Sample(name, [], microseconds / 1e6);
                }
            }
        }
    }
}
