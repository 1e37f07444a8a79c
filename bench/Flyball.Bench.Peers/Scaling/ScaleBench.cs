using Flyball.Bench.Peers.Processes;
using Flyball.Bench.Peers.Tables;
using Flyball.Bench.Peers.Workload;
using Flyball.Bench.Peers.Writing;

namespace Flyball.Bench.Peers.Scaling;

/// <summary>How cost grows: with the number of series at one hour, and with the length of the history at a thousand series.</summary>
/// <remarks>Equal costs per sample mean linear growth; what a start or a block costs at all is spread over few samples in the first rows.</remarks>
internal sealed class ScaleBench(BenchOptions options)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var divisor = options.Quick ? 10 : 1;
        await PrintAsync("series", BySeries(divisor), cancellationToken);
        await PrintAsync("history", ByHistory(divisor), cancellationToken);
    }

    // One hour, a sample a minute.
    private static IEnumerable<WorkloadOptions> BySeries(int divisor) =>
        new[] { 10_000, 30_000, 100_000, 300_000, 1_000_000 }.Select(series => new WorkloadOptions
        {
            Series = series / divisor,
            Interval = TimeSpan.FromMinutes(1),
        });

    // A sample a minute; what is sent before the kill, a twelfth more, must not lie in the future.
    private static IEnumerable<WorkloadOptions> ByHistory(int divisor) =>
        new[] { 1, 6, 24, 24 * 7, 24 * 30 }.Select(hours => new WorkloadOptions
        {
            Series = 1000 / divisor,
            History = TimeSpan.FromHours(hours),
            Interval = TimeSpan.FromMinutes(1),
            EndMs = new WorkloadOptions().EndMs - (long)TimeSpan.FromHours(hours / 12.0).TotalMilliseconds,
        });

    private async Task PrintAsync(string title, IEnumerable<WorkloadOptions> workloads, CancellationToken cancellationToken)
    {
        var table = new MarkdownTable("program", "series", "history, h", "samples", "write, CPU ns", "scan, CPU ns", "bytes", "RSS, bytes per series", "ready after kill, ns");
        foreach (var workload in workloads)
        {
            using var dataset = Dataset.OpenOrCreate(workload, options.Cache);
            var folder = Directory.CreateTempSubdirectory("flyball-peers-").FullName;
            try
            {
                foreach (var peer in new PeerSet(options).In(folder))
                {
                    await using (peer)
                    {
                        Add(table, workload, await WriteBench.MeasureAsync(peer, dataset, cancellationToken));
                    }
                }
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        Console.WriteLine();
        Console.WriteLine($"Cost per sample, by {title}:");
        Console.WriteLine();
        Console.WriteLine(table);
    }

    private static void Add(MarkdownTable table, WorkloadOptions workload, WriteFigures figures) => table.Add(
        figures.Name,
        $"{workload.Series}",
        $"{workload.History.TotalHours:0}",
        $"{figures.Whole.Samples}",
        $"{figures.Whole.CpuNanosecondsPerSample:F0}",
        $"{figures.Scan.CpuMs * 1e6 / figures.Scan.Samples:F1}",
        $"{figures.BytesPerSample:F2}",
        $"{figures.Settled.Resident / (double)workload.Series:F0}",
        $"{figures.Ready.TotalNanoseconds / figures.Stored:F0}");
}
