using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.PromQL.Testing;

namespace Flyball.PromQL.Tests.Evaluation;

/// <summary>Several steps at once give, bit for bit, what each step gives alone.</summary>
public sealed class LanesTests
{
    private const int Samples = 400;

    [Theory]
    [InlineData("sum_over_time(m[5m])")]
    [InlineData("avg_over_time(m[5m])")]
    [InlineData("stddev_over_time(m[5m])")]
    [InlineData("stdvar_over_time(m[7m])")]
    [InlineData("deriv(m[5m])")]
    [InlineData("predict_linear(m[5m], 600)")]
    [InlineData("quantile_over_time(0.7, m[5m])")]
    [InlineData("rate(m[5m])")]
    [InlineData("increase(m[61s])")]
    [InlineData("delta(m[5m])")]
    [InlineData("sum(rate(m[2m]))")]
    [InlineData("avg(m)")]
    [InlineData("quantile(0.3, m)")]
    [InlineData("count_values(\"v\", m)")]
    [InlineData("avg_over_time(sum by (kind) (m)[10m:45s])")]
    [InlineData("m")]
    [InlineData("m offset 3m")]
    [InlineData("m > 0.2")]
    [InlineData("0.2 >= m")]
    [InlineData("m != bool 4.25")]
    [InlineData("5 / m - 1")]
    [InlineData("sum(m) * 2")]
    public async Task A_range_query_is_its_instant_queries(string text)
    {
        // Windows that lie anywhere, and windows of which each begins one sample behind the one before.
        await CompareAsync(text, 47_000);
        await CompareAsync(text, 15_000);
    }

    private static async Task CompareAsync(string text, long stepMs)
    {
        var source = Source();
        var engine = new PromQLEngine(new PromQLOptions { Workers = 1 }, TimeProvider.System);
        var expression = engine.Parse(text);
        var range = await engine.QueryRangeAsync(
            source, expression, new TimestampMs(0), new TimestampMs(Samples * 15_000), new DurationMs(stepMs), QueryLimits.Default, CancellationToken.None);
        for (long at = 0; at <= Samples * 15_000; at += stepMs)
        {
            var instant = await engine.QueryInstantAsync(source, expression, new TimestampMs(at), QueryLimits.Default, CancellationToken.None);
            var alone = instant.Series.ToDictionary(s => s.Labels, s => BitConverter.DoubleToInt64Bits(s.Values[0]));
            var together = range.Series
                .Where(s => Array.IndexOf(s.TimestampsMs, at) >= 0)
                .ToDictionary(s => s.Labels, s => BitConverter.DoubleToInt64Bits(s.Values[Array.IndexOf(s.TimestampsMs, at)]));
            Assert.Equal(alone.OrderBy(p => p.Key), together.OrderBy(p => p.Key));
        }
    }

    // Regular and irregular times, gaps, resets, negative values, NaN, infinity, staleness, huge values whose sum overflows.
    private static MemorySeriesSource Source()
    {
        var random = new Random(5);
        var source = new MemorySeriesSource();
        string[] kinds = ["smooth", "counter", "near zero", "gaps", "nan", "infinite", "stale", "huge", "jitter", "constant"];
        foreach (var kind in kinds)
        {
            var labels = LabelSet.Of(("__name__", "m"), ("kind", kind));
            var value = 0.0;
            for (var i = 0; i < Samples; i++)
            {
                if (kind == "gaps" && i % 50 > 30)
                {
                    continue;
                }

                value = kind switch
                {
                    "counter" or "jitter" => random.Next(60) == 0 ? random.NextDouble() : value + random.NextDouble(),
                    "near zero" => value + (i < 20 ? 0.01 : 0),
                    "huge" => 1e308 * random.NextDouble(),
                    "constant" => 4.25,
                    _ => random.NextDouble() - 0.5,
                };
                var odd = random.Next(40) == 0;
                var shown = kind switch
                {
                    "nan" when odd => double.NaN,
                    "infinite" when odd => double.PositiveInfinity,
                    "stale" when odd => StaleMarker.Value,
                    _ => value,
                };
                source.Add(labels, (i * 15_000L) + (kind == "jitter" ? random.Next(14_000) : 7), new MemorySample(shown, null, 0));
            }
        }

        return source;
    }
}
