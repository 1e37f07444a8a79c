using System.Diagnostics;
using Flyball.Model.Labels;
using Flyball.Model.Time;
using Flyball.PromQL;
using Flyball.PromQL.Testing;

namespace Flyball.Bench.PromQL;

/// <summary>Time of queries while one dimension of the data doubles; twice the data must not take much more than twice the time.</summary>
internal static class DoublingFigures
{
    private const int Doublings = 5;

    private static readonly (string Dimension, string Query, int Least)[] Cases =
    [
        ("series", "sum(rate(m[5m]))", 2000),
        ("series", "topk(5, m)", 2000),
        ("series", "quantile(0.9, m)", 2000),
        ("series", "m * on (i) group_left () m", 2000),
        ("series", "m and m", 2000),
        ("series", "label_replace(m, \"x\", \"$1\", \"i\", \"(.*)\")", 2000),
        ("series", "count_values(\"v\", m)", 1000),
        ("steps", "sum(rate(m[5m]))", 250),
        ("steps", "quantile_over_time(0.9, m[30m])", 250),
        ("steps", "max_over_time(sum(m)[30m:1m])", 250),
        ("groups", "sum by (g) (m)", 500),
        ("groups", "topk by (g) (1, m)", 500),
        ("groups", "histogram_quantile(0.9, sum by (g, le) (m))", 500),
        ("labels", "sum by (i) (m)", 4),
        ("labels", "m / ignoring (l0) m", 4),
        ("window", "quantile_over_time(0.9, m[$window])", 8),
        ("window", "max_over_time(m[$window])", 8),
    ];

    public static async Task PrintAsync(CancellationToken cancellationToken)
    {
        Console.WriteLine("| doubled | query | first size | ms at first, ×2, ×4, ×8, ×16 | mean factor per doubling |");
        Console.WriteLine("|---|---|---:|---|---:|");
        foreach (var (dimension, query, least) in Cases)
        {
            var times = new List<double>();
            for (var i = 0; i < Doublings; i++)
            {
                times.Add(await TimeAsync(dimension, query, least << i, cancellationToken));
            }

            var factor = Math.Pow(times[^1] / times[0], 1.0 / (Doublings - 1));
            Console.WriteLine($"| {dimension} | `{query}` | {least} | {string.Join(", ", times.Select(t => t.ToString("F1")))} | {factor:F2} |");
        }
    }

    private static async Task<double> TimeAsync(string dimension, string query, int size, CancellationToken cancellationToken)
    {
        var series = dimension is "series" or "groups" ? size : dimension == "labels" ? 2000 : 50;
        var steps = dimension == "steps" ? size : 30;
        var source = Source(series, dimension == "labels" ? size : 2, samples: dimension == "window" ? 4000 : dimension == "steps" ? size + 120 : 60);
        var engine = new PromQLEngine(new PromQLOptions(), TimeProvider.System);
        var expression = engine.Parse(query.Replace("$window", $"{size}m", StringComparison.Ordinal));
        var end = dimension == "window" ? 3900L * 15_000 : (steps + 100L) * 15_000;
        var best = double.MaxValue;
        for (var round = 0; round < 7; round++)
        {
            var began = Stopwatch.GetTimestamp();
            await engine.QueryRangeAsync(
                source, expression, new TimestampMs(end - (steps * 15_000L)), new TimestampMs(end), new DurationMs(15_000), QueryLimits.Default, cancellationToken);
            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
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
            for (var t = samples > 1000 ? 0 : 40; t < samples + 100; t++)
            {
                source.Add(set, t * 15_000L, new MemorySample((i * 7 % 1000) + t, null, 0));
            }
        }

        return source;
    }
}
