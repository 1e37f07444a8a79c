using Flyball.Ingest.Exposition;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Host;

/// <summary>Load averages from <c>/proc/loadavg</c>.</summary>
internal static class LoadFacts
{
    private static readonly (string Name, string Help)[] Columns =
        [("node_load1", "1m load average."), ("node_load5", "5m load average."), ("node_load15", "15m load average.")];

    public static void Write(ExpositionTextWriter writer, ProcFiles proc)
    {
        foreach (var row in proc.Rows("loadavg").Take(1))
        {
            for (var i = 0; i < Columns.Length; i++)
            {
                writer.Family(Columns[i].Name, MetricType.Gauge, Columns[i].Help);
                writer.Sample(Columns[i].Name, [], ProcFiles.Number(row, i));
            }
        }
    }
}
