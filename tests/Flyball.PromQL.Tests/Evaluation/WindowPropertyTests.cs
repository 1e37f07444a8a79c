using Flyball.Model.Labels;
using Flyball.PromQL.Testing;

namespace Flyball.PromQL.Tests.Evaluation;

/// <summary>Range functions over random series against a plain computation per window.</summary>
public sealed class WindowPropertyTests
{
    private static readonly LabelSet Labels = LabelSet.Of(("__name__", "x_total"));

    public static TheoryData<string> Functions() =>
    [
        "sum_over_time", "avg_over_time", "min_over_time", "max_over_time", "count_over_time", "last_over_time", "first_over_time",
        "changes", "resets", "delta", "increase", "rate", "stdvar_over_time", "ts_of_max_over_time", "ts_of_min_over_time",
        "present_over_time", "idelta", "irate",
    ];

    [Theory]
    [MemberData(nameof(Functions))]
    public async Task Sliding_windows_give_what_each_window_alone_gives(string function)
    {
        var random = new Random(7);
        var engine = new PromQLEngine(new PromQLOptions { Features = PromQLFeatures.All }, TimeProvider.System);
        for (var round = 0; round < 40; round++)
        {
            var (times, values) = RandomSeries(random);
            var source = new MemorySeriesSource();
            for (var i = 0; i < times.Length; i++)
            {
                source.Add(Labels, times[i], new MemorySample(values[i], null, 0));
            }

            var range = random.Next(1, 90);
            var step = random.Next(1, 40) * 500;
            var result = await engine.QueryRangeAsync(
                source, engine.Parse($"{function}(x_total[{range}s])"), new(0), new(300_000), new(step), QueryLimits.Default,
                TestContext.Current.CancellationToken);
            var found = result.Series.Count == 0 ? [] : result.Series[0].TimestampsMs.Zip(result.Series[0].Values).ToDictionary();
            for (long t = 0; t <= 300_000; t += step)
            {
                var from = t - (range * 1000L);
                var inside = Enumerable.Range(0, times.Length).Where(i => times[i] > from && times[i] <= t).ToArray();
                var expected = Naive(function, [.. inside.Select(i => times[i])], [.. inside.Select(i => values[i])], from, t);
                Assert.Equal(expected is not null, found.ContainsKey(t));
                if (expected is { } value)
                {
                    Assert.True(Close(value, found[t]), $"{function} at {t}: {found[t]:R}, expected {value:R}");
                }
            }
        }
    }

    private static bool Close(double a, double b) => a.Equals(b) || Math.Abs(a - b) <= 1e-9 * Math.Max(1e-9, Math.Max(Math.Abs(a), Math.Abs(b)));

    private static (long[] Times, double[] Values) RandomSeries(Random random)
    {
        var times = new List<long>();
        var values = new List<double>();
        double value = random.Next(0, 50);
        for (long t = random.Next(0, 30_000); t < 300_000; t += random.Next(500, 20_000))
        {
            value = random.Next(12) switch { 0 => random.Next(0, 5), 1 => value, _ => value + (random.NextDouble() * 10) };
            times.Add(t);
            values.Add(value);
        }

        return ([.. times], [.. values]);
    }

    private static double? Naive(string function, long[] times, double[] v, long from, long to)
    {
        if (v.Length == 0)
        {
            return null;
        }

        double Falls(Func<double, double, double> weigh) => Enumerable.Range(1, v.Length - 1).Sum(i => weigh(v[i - 1], v[i]));
        switch (function)
        {
            case "sum_over_time":
                return v.Sum();
            case "avg_over_time":
                return v.Average();
            case "min_over_time":
                return v.Min();
            case "max_over_time":
                return v.Max();
            case "count_over_time":
                return v.Length;
            case "present_over_time":
                return 1;
            case "last_over_time":
                return v[^1];
            case "first_over_time":
                return v[0];
            case "changes":
                return Falls((a, b) => a != b ? 1 : 0);
            case "resets":
                return Falls((a, b) => b < a ? 1 : 0);
            case "stdvar_over_time":
                return v.Sum(x => (x - v.Average()) * (x - v.Average())) / v.Length;
            case "ts_of_max_over_time":
                return times[Array.LastIndexOf(v, v.Max())] / 1000.0;
            case "ts_of_min_over_time":
                return times[Array.LastIndexOf(v, v.Min())] / 1000.0;
            default:
                break;
        }

        if (v.Length < 2)
        {
            return null;
        }

        var gap = (times[^1] - times[^2]) / 1000.0;
        if (function is "idelta" or "irate")
        {
            return function == "idelta" ? v[^1] - v[^2] : (v[^1] < v[^2] ? v[^1] : v[^1] - v[^2]) / gap;
        }

        return Extrapolated(function, times, v, from, to, v[^1] - v[0] + (function == "delta" ? 0 : Falls((a, b) => b < a ? a : 0)));
    }

    private static double Extrapolated(string function, long[] times, double[] v, long from, long to, double change)
    {
        var sampled = (times[^1] - times[0]) / 1000.0;
        var average = sampled / (v.Length - 1);
        var toStart = (times[0] - from) / 1000.0;
        var toEnd = (to - times[^1]) / 1000.0;
        toStart = toStart >= average * 1.1 ? average / 2 : toStart;
        toEnd = toEnd >= average * 1.1 ? average / 2 : toEnd;
        if (function != "delta" && change > 0 && v[0] >= 0)
        {
            toStart = Math.Min(toStart, sampled * v[0] / change);
        }

        return change * ((sampled + toStart + toEnd) / sampled) / (function == "rate" ? (to - from) / 1000.0 : 1);
    }
}
