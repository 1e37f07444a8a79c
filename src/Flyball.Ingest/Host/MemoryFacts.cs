using Flyball.Ingest.Exposition;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Host;

/// <summary>Every line of <c>/proc/meminfo</c>.</summary>
internal static class MemoryFacts
{
    public static void Write(ExpositionTextWriter writer, ProcFiles proc)
    {
        foreach (var row in proc.Rows("meminfo").Where(r => r.Length >= 2))
        {
            // "Active(anon):  123 kB" becomes node_memory_Active_anon_bytes; a line without unit is a plain number.
            var key = row[0].TrimEnd(':').Replace('(', '_').Replace(")", "", StringComparison.Ordinal);
            var inBytes = row.Length > 2 && row[2] == "kB";
            var name = $"node_memory_{key}{(inBytes ? "_bytes" : "")}";
            writer.Family(name, MetricType.Gauge, $"Memory information field {key}{(inBytes ? "_bytes" : "")}.");
            writer.Sample(name, [], ProcFiles.Number(row, 1) * (inBytes ? 1024 : 1));
        }
    }
}
