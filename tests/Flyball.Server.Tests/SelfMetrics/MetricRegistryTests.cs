using System.Diagnostics.Metrics;
using Flyball.Server.SelfMetrics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Server.Tests.SelfMetrics;

public sealed class MetricRegistryTests
{
    [Fact]
    public void Instrument_that_fails_leaves_the_page_to_the_others()
    {
        using var registry = new MetricRegistry(NullLogger.Instance);
        using var meter = new Meter("Flyball.Tests.Failing");
        meter.CreateObservableGauge("tests_broken", Broken);
        meter.CreateObservableGauge("tests_whole", () => 7);

        Assert.Contains("tests_whole 7\n", SelfMetricsPage.Write(registry.Collect()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Family_can_be_read_while_label_sets_appear()
    {
        using var registry = new MetricRegistry(NullLogger.Instance);
        using var meter = new Meter("Flyball.Tests.Growing");
        for (var round = 0; round < 100; round++)
        {
            var name = $"tests_growing_{round}_total";
            var counter = meter.CreateCounter<long>(name);
            var family = registry.Collect().Single(f => f.Name == name);
            var growing = Task.Run(() => Grow(counter), TestContext.Current.CancellationToken);
            while (!growing.IsCompleted)
            {
                family.Visit(static (_, _, value) => Assert.InRange(value, 0, 1));
            }

            await growing;
            var seen = 0;
            family.Visit((_, _, _) => seen++);
            Assert.Equal(500, seen);
        }
    }

    private static void Grow(Counter<long> counter)
    {
        for (var i = 0; i < 500; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("n", i));
        }
    }

    private static int Broken() => throw new ObjectDisposedException("store");
}
