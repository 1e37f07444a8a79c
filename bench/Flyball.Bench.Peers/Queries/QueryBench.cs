using System.Diagnostics;
using Flyball.Bench.Peers.Processes;
using Flyball.Bench.Peers.Workload;

namespace Flyball.Bench.Peers.Queries;

/// <summary>Asks every question of the suite of each program in turn, over the same data.</summary>
/// <remarks>
/// 1. Fill the stores that are not there yet; they stay in the cache folder, stopped in order. 2. Start a fresh process.
/// 3. Every question once, the page cache dropped before each (cold). 4. Each again until warm, then measured. Answers are read to
/// their end, uncompressed.
/// </remarks>
internal sealed class QueryBench(BenchOptions options)
{
    private static readonly TimeSpan WarmFor = TimeSpan.FromMilliseconds(400), MeasureFor = TimeSpan.FromSeconds(1.5);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var dataset = Dataset.OpenOrCreate(options.Workload, options.Cache);
        var queries = Suite.All.Where(q => options.Queries.IsMatch(q.Name) || options.Queries.IsMatch(q.Text)).ToList();
        var results = new List<(string Peer, List<QueryFigures> Figures)>();
        var folder = Path.Combine(options.Cache, options.Workload.Key, "stores");
        foreach (var peer in new PeerSet(options).In(folder))
        {
            await using (peer)
            {
                await FilledStore.EnsureAsync(peer, dataset, options.Refill, cancellationToken);
                peer.Start();
                await peer.ReadyAsync(cancellationToken);
                await peer.RestAsync(TimeSpan.FromSeconds(15), cancellationToken);
                results.Add((peer.Name, await AskAllAsync(peer, queries, cancellationToken)));
                await peer.StopAsync(cancellationToken);
            }
        }

        QueryTable.Print(dataset.Facts, queries, results);
    }

    private async Task<List<QueryFigures>> AskAllAsync(Peer peer, List<SuiteQuery> queries, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var figures = new List<QueryFigures>();
        foreach (var query in queries)
        {
            figures.Add(await ColdAsync(peer, query.Path(options.Workload, peer.QueryParameters), cancellationToken));
        }

        for (var i = 0; i < queries.Count; i++)
        {
            if (figures[i].Problem is null)
            {
                figures[i] = await WarmAsync(peer, queries[i].Path(options.Workload, peer.QueryParameters), figures[i], cancellationToken);
            }
        }

        Console.Error.WriteLine($"{peer.Name}: {queries.Count} queries in {watch.Elapsed.TotalSeconds:F0} s");
        return figures;
    }

    private static async Task<QueryFigures> ColdAsync(Peer peer, Uri path, CancellationToken cancellationToken)
    {
        try
        {
            PageCache.Drop();
            var watch = Stopwatch.StartNew();
            var body = await GetAsync(peer, path, cancellationToken);
            var cold = watch.Elapsed.TotalMilliseconds;
            return new QueryFigures(cold, double.NaN, double.NaN, peer is VictoriaMetricsPeer ? null : Answer.Parse(body), null);
        }
        catch (InvalidOperationException e)
        {
            return new QueryFigures(double.NaN, double.NaN, double.NaN, null, e.Message);
        }
    }

    private async Task<QueryFigures> WarmAsync(Peer peer, Uri path, QueryFigures cold, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        do
        {
            await GetAsync(peer, path, cancellationToken);
        }
        while (watch.Elapsed < WarmFor);

        var walls = new List<double>();
        var cpu = peer.Cpu();
        const int FewestRuns = 3;
        for (watch.Restart(); walls.Count < FewestRuns || (walls.Count < options.Runs && watch.Elapsed < MeasureFor);)
        {
            var started = Stopwatch.GetTimestamp();
            await GetAsync(peer, path, cancellationToken);
            walls.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return cold with { WarmMs = Tables.Figures.Median(walls), CpuMs = (peer.Cpu() - cpu).TotalMilliseconds / walls.Count };
    }

    private static async Task<byte[]> GetAsync(Peer peer, Uri path, CancellationToken cancellationToken)
    {
        using var response = await peer.Http.GetAsync(path, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? body
            : throw new InvalidOperationException($"{(int)response.StatusCode} {System.Text.Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(300, body.Length)))}");
    }
}
