using Flyball.Ingest.Exposition;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Host;

/// <summary>Network interfaces from <c>/proc/net/dev</c>.</summary>
internal static class NetworkFacts
{
    private static readonly string[] Columns =
    [
        "receive_bytes", "receive_packets", "receive_errs", "receive_drop", "receive_fifo", "receive_frame", "receive_compressed",
        "receive_multicast", "transmit_bytes", "transmit_packets", "transmit_errs", "transmit_drop", "transmit_fifo", "transmit_colls",
        "transmit_carrier", "transmit_compressed",
    ];

    public static void Write(ExpositionTextWriter writer, ProcFiles proc)
    {
        // "eth0: 1 2 3 …"; old kernels leave no blank behind the colon.
        var devices = proc.Lines("self/net/dev")
            .Select(line => line.Split(':', 2))
            .Where(parts => parts.Length == 2)
            .Select(parts => (Name: parts[0].Trim(), Row: parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)))
            .ToList();
        for (var i = 0; devices.Count > 0 && i < Columns.Length; i++)
        {
            var name = $"node_network_{Columns[i]}_total";
            writer.Family(name, MetricType.Counter, $"Network device statistic {Columns[i]}.");
            foreach (var (device, row) in devices)
            {
                writer.Sample(name, [("device", device)], ProcFiles.Number(row, i));
            }
        }
    }
}
