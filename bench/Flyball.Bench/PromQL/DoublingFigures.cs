using System.Diagnostics;
using Flyball.Model.Labels;
using Flyball.Model.Time;
using Flyball.PromQL;
using Flyball.PromQL.Testing;

namespace Flyball.Bench.PromQL;

/// <summary>Time of queries while one dimension of the data doubles; twice the data must not take much more than twice the time.</summary>
internal static class DoublingFigures
{
    private const int LeastRounds = 7;

    // Long enough for the compiler to have done with what runs often.
    private static readonly TimeSpan LeastTime = TimeSpan.FromMilliseconds(300);

    // The first row only reads: what grows there grows in all others of its kind, because what is read leaves the processor's caches.
    private static readonly (string Dimension, string Query, int Least, int Doublings)[] Cases =
    [
        ("series", "count(m)", 2000, 6),
        ("series", "sum(rate(m[5m]))", 2000, 6),
        ("series", "topk(5, m)", 2000, 6),
        ("series", "quantile(0.9, m)", 2000, 6),
        ("series", "m * on (i) group_left () m", 2000, 6),
        ("series", "m and m", 2000, 6),
        ("series", "label_replace(m, \"x\", \"$1\", \"i\", \"(.*)\")", 2000, 6),
        ("series", "count_values(\"v\", m)", 2000, 6),
        ("groups", "sum by (g) (m)", 2000, 6),
        ("groups", "topk by (g) (1, m)", 2000, 6),
        ("groups", "histogram_quantile(0.9, sum by (g, le) (m))", 2000, 6),
        ("steps", "sum(rate(m[5m]))", 250, 5),
        ("steps", "quantile_over_time(0.9, m[30m])", 250, 5),
        ("steps", "max_over_time(sum(m)[30m:1m])", 250, 5),
        ("labels", "sum by (i) (m)", 4, 5),
        ("labels", "m / ignoring (l0) m", 4, 5),
        ("window", "quantile_over_time(0.9, m[$window])", 8, 5),
        ("window", "max_over_time(m[$window])", 8, 5),
    ];

    public static async Task PrintAsync(CancellationToken cancellationToken)
    {
        Console.WriteLine("| doubled | query | first size | ms at first, ×2, ×4 … | mean factor | last factor | ms of the last that are garbage collection |");
        Console.WriteLine("|---|---|---:|---|---:|---:|---:|");
        var sources = new Dictionary<(int, int, int), MemorySeriesSource>();
        foreach (var (dimension, query, least, doublings) in Cases)
        {
            var times = new List<(double Ms, double PauseMs)>();
            for (var i = 0; i < doublings; i++)
            {
                times.Add(await TimeAsync(sources, dimension, query, least << i, cancellationToken));
            }

            Console.WriteLine(
                $"| {dimension} | `{query}` | {least} | {string.Join(", ", times.Select(t => t.Ms.ToString(t.Ms < 1 ? "F2" : "F1")))} "
                + $"| {Math.Pow(times[^1].Ms / times[0].Ms, 1.0 / (doublings - 1)):F2} | {times[^1].Ms / times[^2].Ms:F2} | {times[^1].PauseMs:F1} |");
        }
    }

    private static async Task<(double Ms, double PauseMs)> TimeAsync(
        Dictionary<(int, int, int), MemorySeriesSource> sources, string dimension, string query, int size, CancellationToken cancellationToken)
    {
        var series = dimension is "series" or "groups" ? size : dimension == "labels" ? 2000 : 50;
        var steps = dimension == "steps" ? size : 30;
        var shape = (series, dimension == "labels" ? size : 2, dimension == "window" ? 4000 : dimension == "steps" ? size + 120 : 35);
        if (!sources.TryGetValue(shape, out var source))
        {
            sources[shape] = source = Source(shape.Item1, shape.Item2, shape.Item3);
        }

        var engine = new PromQLEngine(new PromQLOptions(), TimeProvider.System);
        var expression = engine.Parse(query.Replace("$window", $"{size}m", StringComparison.Ordinal));
        var end = dimension == "window" ? 3900L * 15_000 : (steps + 100L) * 15_000;
        var best = (Ms: double.MaxValue, PauseMs: 0.0);
        var all = Stopwatch.GetTimestamp();
        for (var round = 0; round < LeastRounds || Stopwatch.GetElapsedTime(all) < LeastTime; round++)
        {
            var paused = GC.GetTotalPauseDuration();
            var began = Stopwatch.GetTimestamp();
            await engine.QueryRangeAsync(
                source, expression, new TimestampMs(end - (steps * 15_000L)), new TimestampMs(end), new DurationMs(15_000), QueryLimits.Default, cancellationToken);
            var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            best = took < best.Ms ? (took, (GC.GetTotalPauseDuration() - paused).TotalMilliseconds) : best;
        }

        return best;
    }

    private static MemorySeriesSource Source(int series, int labels, int samples)
    {
        var source = new MemorySeriesSource();
        var builder = new LabelSetBuilder();
        for (var i = 0; i < series; i++)
        {
            builder.Clear().Set("__name__", "m").Set("i", $"{i}").Set("g", $"{i / 4}").Set("le", i % 4 == 3 ? "+Inf" : $"{i % 4}");
            for (var l = 0; l < labels; l++)
            {
                builder.Set($"l{l}", $"value-{(i + l) % 10}");
            }

            var set = builder.Build();
            for (var t = samples > 1000 ? 0 : samples < 40 ? 75 : 40; t < samples + 100; t++)
            {
                source.Add(set, t * 15_000L, new MemorySample((i * 7 % 1000) + t, null, 0));
            }
        }

        return source;
    }
}
