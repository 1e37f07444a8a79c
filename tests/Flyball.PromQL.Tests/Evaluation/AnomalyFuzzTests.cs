using Flyball.Model.Labels;
using Flyball.PromQL.Testing;

namespace Flyball.PromQL.Tests.Evaluation;

public sealed class AnomalyFuzzTests
{
    [Theory]
    [InlineData("anomaly_score(x[{0}s], {1})")]
    [InlineData("changepoint(x[{0}s])")]
    public async Task Any_series_gives_a_number_or_nothing(string form)
    {
        var random = new Random(7);
        var engine = new PromQLEngine(new PromQLOptions(), TimeProvider.System);
        for (var i = 0; i < 300; i++)
        {
            var source = new MemorySeriesSource();
            var count = random.Next(0, 60);
            for (var t = 0; t < count; t++)
            {
                source.Add(LabelSet.Of(("__name__", "x")), (t * 15_000) + random.Next(14_000), new MemorySample(Value(random), null, 0));
            }

            var query = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, random.Next(1, 1200), random.Next(0, 600));
            var result = await engine.QueryRangeAsync(
                source, engine.Parse(query), new(0), new(1_000_000), new(37_000), QueryLimits.Default, TestContext.Current.CancellationToken);
            Assert.All(result.Series, s => Assert.DoesNotContain("x", s.Labels.MetricName, StringComparison.Ordinal));
        }
    }

    private static double Value(Random random) => random.Next(8) switch
    {
        0 => double.NaN,
        1 => double.PositiveInfinity,
        2 => double.NegativeInfinity,
        3 => 0,
        4 => double.MaxValue,
        _ => random.Next(5),
    };
}
