using Flyball.PromQL.Functions;

namespace Flyball.PromQL.Tests.Functions;

public sealed class OrderStatisticsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(23)]
    [InlineData(500)]
    public void Selecting_finds_what_sorting_finds(int count)
    {
        var random = new Random(count);
        for (var round = 0; round < 200; round++)
        {
            var values = Values(random, count, distinct: round % 3 == 0 ? 4 : 1000);
            var q = random.NextDouble();
            var sorted = values.Order().ToArray();
            Assert.Equal(Quantiles.OfSorted(q, sorted), Quantiles.Of(q, values));
        }
    }

    [Fact]
    public void A_window_that_slides_stays_in_order()
    {
        var random = new Random(3);
        for (var round = 0; round < 100; round++)
        {
            var values = Values(random, 300, distinct: round % 2 == 0 ? 5 : 1000);
            var order = new SlidingOrder();
            for (int from = 0, until = 1; until <= values.Length; from = Math.Min(until, from + random.Next(4)), until += random.Next(1, 6))
            {
                Assert.Equal(values[from..until].Order(), order.Of(values, from, until).ToArray());
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Values_that_are_hard_to_split_are_selected_from_too(bool falling)
    {
        var values = Enumerable.Range(0, 100_000).Select(i => (double)(falling ? -i : i % 2)).ToArray();
        Assert.Equal(values.Order().ElementAt(70_000), Selection.Nth(values, 70_000));
    }

    private static double[] Values(Random random, int count, int distinct) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Next(20) == 0 ? double.NaN : random.Next(distinct) - (distinct / 2.0))];
}
