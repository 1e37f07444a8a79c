using System.Diagnostics;
using Flyball.Bench.Peers.Processes;
using Flyball.Bench.Peers.Tables;
using Flyball.Bench.Peers.Workload;

namespace Flyball.Bench.Peers.Writing;

/// <summary>Writes a history into each program in turn.</summary>
/// <remarks>
/// 1. Start, send the history, wait for rest: processor, memory. 2. Scan one metric over all its series. 3. Send the tail, kill -9 at
/// once, start again: time to a whole answer, samples missing. 4. Compact: bytes on disk.
/// </remarks>
internal sealed class WriteBench(BenchOptions options)
{
    private const string Scan = "sum(sum_over_time(node_cpu_seconds_total[{0}]))";
    private const string CiScan = "sum(sum_over_time(http_request_duration_seconds_bucket[{0}]))";

    private static readonly TimeSpan StableFor = TimeSpan.FromSeconds(5);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var dataset = Dataset.OpenOrCreate(options.Workload, options.Cache);
        var folder = Directory.CreateTempSubdirectory("flyball-peers-").FullName;
        var results = new List<WriteFigures>();
        try
        {
            foreach (var peer in new PeerSet(options).In(folder))
            {
                await using (peer)
                {
                    results.Add(await MeasureAsync(peer, dataset, cancellationToken));
                }

                Directory.Delete(peer.Folder, recursive: true);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        WriteTable.Print(dataset.Facts, results);
    }

    internal static async Task<WriteFigures> MeasureAsync(Peer peer, Dataset dataset, CancellationToken cancellationToken)
    {
        var facts = dataset.Facts;
        var feeder = new Feeder(dataset);
        peer.Start();
        await peer.ReadyAsync(cancellationToken);

        // 1.
        var half = facts.MainRequests / 2;
        var cpu = peer.Cpu();
        var first = await feeder.FeedAsync(peer, 0, half, cancellationToken);
        var second = await feeder.FeedAsync(peer, half, facts.MainRequests, cancellationToken);
        await peer.RestAsync(TimeSpan.FromSeconds(20), cancellationToken);
        var whole = new FeedFigures(first.Samples + second.Samples, first.Wall + second.Wall, peer.Cpu() - cpu);
        var memory = peer.Memory();
        Console.Error.WriteLine($"{peer.Name}: {whole.Samples} samples in {whole.Wall.TotalSeconds:F1} s, {whole.Cpu.TotalSeconds:F1} s of processor");

        // 2.
        var scan = await ScanAsync(peer, facts, cancellationToken);

        // 3.
        await feeder.FeedAsync(peer, facts.MainRequests, dataset.Requests.Count, cancellationToken);
        await peer.KillAsync();
        var ready = await StartAgainAsync(peer, facts, cancellationToken);
        var rss = peer.Memory();
        Console.Error.WriteLine($"{peer.Name}: ready after {ready.TotalMilliseconds:F0} ms");
        var there = await CountAsync(peer, facts, cancellationToken);

        // 4.
        var compacting = peer.Cpu();
        var bytes = await peer.CompactAsync(cancellationToken);
        var compacted = peer.Cpu() - compacting;
        Console.Error.WriteLine($"{peer.Name}: {bytes / (double)there:F2} bytes per sample");
        return new WriteFigures(peer.Name, whole, second, memory, rss, scan, ready, facts.MainSamples + facts.TailSamples - there, there, bytes, compacted);
    }

    // Until the last moment of the history is answered in full, or, where samples are gone, until the answer has stopped changing.
    private static async Task<TimeSpan> StartAgainAsync(Peer peer, DatasetFacts facts, CancellationToken cancellationToken)
    {
        var expected = ExpectedTargets(facts.Options);
        var probe = facts.Options.Profile == Profile.Ci ? "count(ci_last_run_timestamp_seconds)" : "count(up)";
        var answer = double.NaN;
        var since = TimeSpan.Zero;
        var watch = Stopwatch.StartNew();
        peer.Start();
        await peer.AnswersAsync(
            async () =>
            {
                var now = await peer.ScalarAsync(probe, facts.Options.EndMs, cancellationToken);
                if (!now.Equals(answer) || since == TimeSpan.Zero)
                {
                    (answer, since) = (now, watch.Elapsed);
                }

                return now == expected || watch.Elapsed - since > StableFor;
            },
            cancellationToken);
        return since;
    }

    private static async Task<ScanFigures> ScanAsync(Peer peer, DatasetFacts facts, CancellationToken cancellationToken)
    {
        const int Runs = 5;
        var window = $"{(long)facts.Options.History.TotalSeconds + 60}s";
        var query = string.Format(facts.Options.Profile == Profile.Ci ? CiScan : Scan, window);
        var samples = await peer.ScalarAsync(query.Replace("sum_over_time", "count_over_time", StringComparison.Ordinal), facts.Options.EndMs, cancellationToken);
        var walls = new List<double>();
        var cpu = peer.Cpu();
        for (var i = 0; i < Runs; i++)
        {
            var watch = Stopwatch.StartNew();
            await peer.ScalarAsync(query, facts.Options.EndMs, cancellationToken);
            walls.Add(watch.Elapsed.TotalMilliseconds);
        }

        return new ScanFigures(samples, Figures.Median(walls), (peer.Cpu() - cpu).TotalMilliseconds / Runs);
    }

    // Metric by metric: without its name a series of one is like a series of another, and one question over all would exceed limits.
    private static async Task<long> CountAsync(Peer peer, DatasetFacts facts, CancellationToken cancellationToken)
    {
        var end = facts.Options.EndMs + (facts.Options.TailRounds * facts.Options.IntervalMs);
        var window = $"{((end - facts.Options.StartMs + facts.Options.IntervalMs) / 1000) + 60}s";
        double count = 0;
        foreach (var family in NodeFamilies.All.Concat(CiFamilies.LongLived).Concat(CiFamilies.PerPod))
        {
            var part = await peer.ScalarAsync($"sum(count_over_time({family.Name}[{window}]))", end, cancellationToken);
            count += double.IsNaN(part) ? 0 : part;
        }

        return (long)count;
    }

    private static int ExpectedTargets(WorkloadOptions options)
    {
        var (machines, perTarget) = options.Profile switch
        {
            Profile.Ci => (options.Series / 2, CiFamilies.LongLived.Sum(f => f.Count)),
            Profile.Node => (options.Series, NodeFamilies.All.Sum(f => f.Count)),
            _ => ((int)(options.Series * 0.8), NodeFamilies.All.Sum(f => f.Count)),
        };
        var before = options.Profile == Profile.Ci
            ? CiFamilies.LongLived.TakeWhile(f => f.Name != "ci_last_run_timestamp_seconds").Sum(f => f.Count)
            : 0;
        return (machines / perTarget) + (machines % perTarget > before ? 1 : 0);
    }
}
