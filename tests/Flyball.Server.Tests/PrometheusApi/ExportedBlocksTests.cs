using System.Text.Json;
using Flyball.Durable.Files;
using Flyball.Metrics;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Server.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Server.Tests.PrometheusApi;

/// <summary>A real Prometheus, started on blocks that were exported here, answers with what was stored here.</summary>
public sealed class ExportedBlocksTests : IDisposable
{
    private const long StartMs = 1_700_000_100_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("flyball-export-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // The widths of numbers in chunks change between these steps.
    [Theory]
    [InlineData(6)]
    [InlineData(3_000)]
    [InlineData(15_000)]
    [InlineData(180_000)]
    public async Task Real_prometheus_answers_alike(int stepMs)
    {
        var programs = RealPrometheus.Programs();
        var batch = new SampleBatch();
        var floats = batch.AddSeries(LabelSet.Of(("__name__", "f"), ("ä", "\"x\"\n")));
        var integers = batch.AddSeries(LabelSet.Of(("__name__", "h"), ("kind", "integer")));
        var doubles = batch.AddSeries(LabelSet.Of(("__name__", "h"), ("kind", "float")));
        for (var i = 0; i < 300; i++)
        {
            var at = new TimestampMs(StartMs + ((long)i * stepMs));
            batch.AddSample(floats, at, i * 0.1);
            batch.AddHistogram(integers, at, Histogram(i, isInteger: true));
            batch.AddHistogram(doubles, at, Histogram(i, isInteger: false));
        }

        await using var store = await MetricStore.OpenAsync(
            new MetricStoreOptions { Directory = Path.Combine(_folder, "metrics") }, PhysicalFileSystem.Instance, TimeProvider.System, NullLoggerFactory.Instance, Token);
        var report = await store.BackfillAsync([batch], Token);
        Assert.Equal(900, report.Samples);
        var number = 0;
        foreach (var program in programs)
        {
            var target = Path.Combine(_folder, $"prometheus-{number++}");
            await store.ExportPrometheusAsync(target, TimeRange.All, progress: null, Token);
            await using var peer = await RealPrometheus.StartAsync(program, "global: {}\n", target);
            var end = (StartMs + (300L * stepMs)) / 1000.0;
            foreach (var (selector, field) in new[] { ("f", "values"), ("h{kind=\"integer\"}", "histograms"), ("h{kind=\"float\"}", "histograms") })
            {
                var result = JsonDocument.Parse(await peer.QueryAsync($"/api/v1/query?query={Uri.EscapeDataString(selector)}[20h]&time={end}")).RootElement;
                var points = result[0].GetProperty(field).EnumerateArray().ToList();
                Assert.Equal(Enumerable.Range(0, 300).Select(i => StartMs + ((long)i * stepMs)), points.Select(p => (long)Math.Round(p[0].GetDouble() * 1000)));
                if (field == "histograms")
                {
                    Assert.Equal(Enumerable.Range(0, 300).Select(i => (3 * i) + 1), points.Select(p => int.Parse(p[1].GetProperty("count").GetString()!)));
                }
            }
        }
    }

    private static NativeHistogram Histogram(int i, bool isInteger) => new()
    {
        Schema = 1,
        Count = (3 * i) + 1,
        Sum = i * 1.5,
        ZeroThreshold = 0.001,
        ZeroCount = 1,
        PositiveSpans = [new BucketSpan(0, 2)],
        PositiveBuckets = [i, i],
        NegativeSpans = [new BucketSpan(1, 1)],
        NegativeBuckets = [i],
        HasIntegerCounts = isInteger,
    };
}
