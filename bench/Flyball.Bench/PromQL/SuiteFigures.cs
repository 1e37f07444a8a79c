using System.Diagnostics;
using System.Globalization;
using Flyball.Metrics;
using Flyball.Model.Time;
using Flyball.PromQL;
using Flyball.Server;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Bench.PromQL;

/// <summary>Runs the suite: in the engine alone, and through HTTP with the answer written and read.</summary>
internal sealed class SuiteFigures(string folder, string? only)
{
    private const int Rounds = 5;
    private const int Series = 100_000;
    private const double Hours = 6.2;

    private readonly Dictionary<string, (double First, double Best, double Allocated)> _engine = [];

    public async Task PrintAsync(CancellationToken cancellationToken)
    {
        await using (var store = await QueryStore.OpenAsync(folder, Series, Hours, cancellationToken))
        {
            var end = QueryStore.EndOf(folder);
            foreach (var query in Chosen())
            {
                _engine[query.Name] = await MeasureAsync(store, query, end);
            }
        }

        _ = Server.Hosting.ListenAddress.TryParse("127.0.0.1:0", out var listen, out _);
        await File.WriteAllTextAsync(Path.Combine(folder, "empty.yml"), "global: {}\n", cancellationToken);
        var options = new ServerOptions
        {
            DataDirectory = folder,
            ConfigFile = Path.Combine(folder, "empty.yml"),
            Listen = listen,
        };
        await using var server = await FlyballServer.StartAsync(options, NullLoggerFactory.Instance, cancellationToken);
        using var client = new HttpClient { BaseAddress = server.Address };
        Console.WriteLine($"{"query",-24} {"first ms",9} {"engine ms",9} {"MB",8} {"http ms",9} {"bytes",11}");
        double logs = 0;
        var count = 0;
        foreach (var query in Chosen())
        {
            var (ms, bytes) = await MeasureAsync(client, query, QueryStore.EndOf(folder), cancellationToken);
            var engine = _engine[query.Name];
            Console.WriteLine(
                $"{query.Name,-24} {engine.First,9:F2} {engine.Best,9:F2} {engine.Allocated,8:F1} {ms,9:F2} {bytes,11}");
            logs += Math.Log(ms);
            count++;
        }

        Console.WriteLine($"geometric mean over http: {Math.Exp(logs / count):F2} ms");
    }

    /// <summary>Runs the suite against a server that is there already, which holds the exported samples.</summary>
    public async Task AskAsync(Uri server, CancellationToken cancellationToken)
    {
        var end = QueryStore.EndOf(folder);
        using var client = new HttpClient { BaseAddress = server };
        foreach (var query in Chosen())
        {
            var (ms, bytes) = await MeasureAsync(client, query, end, cancellationToken);
            Console.WriteLine($"{query.Name,-24} {ms,9:F2} {bytes,11}");
        }
    }

    /// <summary>Writes the samples as Prometheus blocks.</summary>
    public async Task ExportAsync(string target, CancellationToken cancellationToken)
    {
        await using var store = await QueryStore.OpenAsync(folder, Series, Hours, cancellationToken);
        await store.ExportPrometheusAsync(target, TimeRange.All, progress: null, cancellationToken);
    }

    private static async Task<(double First, double Best, double Allocated)> MeasureAsync(MetricStore store, BenchQuery query, long end)
    {
        var engine = new PromQLEngine(new PromQLOptions(), TimeProvider.System);
        var (first, best, allocated) = (0.0, double.MaxValue, 0.0);
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes();
            var began = Stopwatch.GetTimestamp();
            var expression = engine.Parse(query.Text);
            _ = query.Step == TimeSpan.Zero
                ? await engine.QueryInstantAsync(store, expression, new TimestampMs(end), QueryLimits.Default, CancellationToken.None)
                : await engine.QueryRangeAsync(
                    store, expression, new TimestampMs(end - (long)query.Span.TotalMilliseconds), new TimestampMs(end),
                    new DurationMs((long)query.Step.TotalMilliseconds), QueryLimits.Default, CancellationToken.None);
            var elapsed = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            allocated = (GC.GetTotalAllocatedBytes() - before) / 1e6;
            first = round == 0 ? elapsed : first;
            best = Math.Min(best, elapsed);
        }

        return (first, best, allocated);
    }

    private static async Task<(double Ms, long Bytes)> MeasureAsync(
        HttpClient client, BenchQuery query, long end, CancellationToken cancellationToken)
    {
        var parameters = query.Step == TimeSpan.Zero
            ? $"query?query={Uri.EscapeDataString(query.Text)}&time={Seconds(end)}"
            : $"query_range?query={Uri.EscapeDataString(query.Text)}&start={Seconds(end - (long)query.Span.TotalMilliseconds)}&end={Seconds(end)}&step={query.Step.TotalSeconds}";
        var best = double.MaxValue;
        long bytes = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var began = Stopwatch.GetTimestamp();
            bytes = (await client.GetByteArrayAsync(new Uri("/api/v1/" + parameters, UriKind.Relative), cancellationToken)).LongLength;
            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return (best, bytes);
    }

    private static string Seconds(long ms) => (ms / 1000.0).ToString(CultureInfo.InvariantCulture);

    private IEnumerable<BenchQuery> Chosen() =>
        QuerySuite.All.Where(q => only is null || q.Name.Contains(only, StringComparison.OrdinalIgnoreCase));
}
