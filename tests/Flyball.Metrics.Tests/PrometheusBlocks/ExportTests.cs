using System.Diagnostics;
using Flyball.Durable.Files;
using Flyball.Metrics.PrometheusBlocks;
using Flyball.Model.Histograms;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Testing;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Metrics.Tests.PrometheusBlocks;

public sealed class ExportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flyball-export-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("conformance/tsdb/backfill-2.42")]
    [InlineData("conformance/tsdb/scraped-2.42")]
    [InlineData("conformance/tsdb/head-2.42")]
    public async Task Promtool_dumps_what_was_exported(string source)
    {
        var promtool = Require("promtool");
        await using var store = await OpenAsync();
        await store.ImportPrometheusAsync(SharedData.Require(source), progress: null, Token);
        var target = Path.Combine(_folder, "prometheus");
        var report = await store.ExportPrometheusAsync(target, TimeRange.All, progress: null, Token);
        Assert.NotEmpty(report.Blocks);

        Assert.Contains(report.Blocks[0], await RunAsync(promtool, "tsdb", "list", target), StringComparison.Ordinal);
        Assert.Contains("Block ID", await RunAsync(promtool, "tsdb", "analyze", target), StringComparison.Ordinal);
        if (!source.Contains("head", StringComparison.Ordinal))
        {
            // promtool 2.42 stops at the first histogram.
            Assert.Equal(PrometheusDump.Of(store), PrometheusDump.Read(await RunAsync(promtool, "tsdb", "dump", target)));
        }
    }

    [Theory]
    [InlineData("conformance/tsdb/scraped-2.42")]
    [InlineData("conformance/tsdb/head-2.42")]
    public async Task What_was_exported_is_imported_unchanged(string source)
    {
        await using var store = await OpenAsync();
        await store.ImportPrometheusAsync(SharedData.Require(source), progress: null, Token);
        var target = Path.Combine(_folder, "prometheus");
        await store.ExportPrometheusAsync(target, TimeRange.All, progress: null, Token);
        await using var other = await OpenAsync("other");
        var report = await other.ImportPrometheusAsync(target, progress: null, Token);
        Assert.Empty(report.Problems);
        Assert.Equal(store.Dump(), other.Dump());
        Assert.Equal(PrometheusDump.Of(store), PrometheusDump.Of(other));
    }

    [Fact]
    public async Task Export_that_was_interrupted_goes_on_where_it_was()
    {
        await using var store = await OpenAsync();
        await store.ImportPrometheusAsync(SharedData.Require("conformance/tsdb/backfill-2.42"), progress: null, Token);
        var target = Path.Combine(_folder, "prometheus");
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var progress = new Callback<ExportProgress>(p =>
        {
            if (p.Samples > 0)
            {
                interrupt.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.ExportPrometheusAsync(target, TimeRange.All, progress, interrupt.Token));
        var first = Directory.GetFiles(target, "meta.json", SearchOption.AllDirectories);
        Assert.NotEmpty(first);

        var report = await store.ExportPrometheusAsync(target, TimeRange.All, progress: null, Token);
        Assert.True(report.Skipped > 0);
        Assert.NotEmpty(report.Blocks);
        Assert.All(first, f => Assert.True(File.Exists(f)));
        await using var other = await OpenAsync("other");
        Assert.Empty((await other.ImportPrometheusAsync(target, progress: null, Token)).Problems);
        Assert.Equal(store.Dump(), other.Dump());
    }

    [Fact]
    public void Chunks_of_any_samples_come_back() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500),
        Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyArray<(int Step, double Value)>>(), samples =>
        {
            using var columns = new SampleColumns();
            long time = 1_700_000_000_000;
            foreach (var (step, value) in samples.Get)
            {
                time += 1 + Math.Abs((long)step * step * step);
                columns.Add(time, value);
            }

            using var back = new SampleColumns();
            for (var at = 0; at < columns.Count;)
            {
                var data = new ChunkEncoder().Next(columns, ref at, out var encoding);
                ChunkDecoder.Decode(encoding, data, back);
            }

            return columns.TimestampsMs.SequenceEqual(back.TimestampsMs) && columns.Values.SequenceEqual(back.Values);
        }));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Chunks_of_histograms_come_back(bool integers)
    {
        var random = new Random(5);
        using var columns = new SampleColumns();
        var buckets = new double[7];
        for (var i = 0; i < 400; i++)
        {
            for (var b = 0; b < buckets.Length; b++)
            {
                buckets[b] = i % 90 == 0 ? 0 : buckets[b] + (integers ? random.Next(5) : random.NextDouble());
            }

            columns.Add(1_700_000_000_000 + (i * 15_000) + random.Next(20), new NativeHistogram
            {
                Schema = i < 200 ? 3 : NativeHistogram.CustomBucketsSchema,
                Count = buckets.Sum(),
                Sum = i == 50 ? StaleMarker.Value : random.NextDouble(),
                ZeroThreshold = i < 100 ? 0.001 : Math.ScaleB(1, -128),
                ZeroCount = i / 90,
                PositiveSpans = [new(-2, 3), new(2, 2)],
                PositiveBuckets = buckets[..5],
                NegativeSpans = [new(0, 2)],
                NegativeBuckets = buckets[5..],
                CustomBounds = i < 200 ? [] : [0.1, 0.25, 1 / 3.0, 5],
                HasIntegerCounts = integers,
            });
        }

        using var back = new SampleColumns();
        for (var at = 0; at < columns.Count;)
        {
            var data = new ChunkEncoder().Next(columns, ref at, out var encoding);
            ChunkDecoder.Decode(encoding, data, back);
        }

        Assert.Equal(columns.TimestampsMs, back.TimestampsMs);
        for (var i = 0; i < columns.Count; i++)
        {
            var (sent, got) = (columns.Histograms[i]!, back.Histograms[i]!);
            Assert.Equal(BitConverter.DoubleToUInt64Bits(sent.Sum), BitConverter.DoubleToUInt64Bits(got.Sum));
            if (i != 50)
            {
                Assert.Equal((sent.Count, sent.ZeroCount, sent.Schema, sent.ZeroThreshold), (got.Count, got.ZeroCount, got.Schema, got.ZeroThreshold));
                Assert.Equal(sent.PositiveBuckets, got.PositiveBuckets);
                Assert.Equal(sent.NegativeBuckets, got.NegativeBuckets);
                Assert.Equal(sent.CustomBounds, got.CustomBounds);
                Assert.Equal(sent.PositiveSpans, got.PositiveSpans);
            }
        }
    }

    private sealed class Callback<T>(Action<T> act) : IProgress<T>
    {
        public void Report(T value) => act(value);
    }

    private static string Require(string tool)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(p => Path.Combine(p, tool)).FirstOrDefault(File.Exists);
        if (path is null)
        {
            Assert.Skip($"{tool} is not installed; nothing was checked (Debian: apt-get install prometheus)");
        }

        return path;
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var errors = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == 0, await errors);
        return await output;
    }

    private Task<MetricStore> OpenAsync(string name = "data") => MetricStore.OpenAsync(
        new MetricStoreOptions { Directory = Path.Combine(_folder, name), RetentionTime = TimeSpan.Zero },
        PhysicalFileSystem.Instance,
        TimeProvider.System,
        NullLoggerFactory.Instance,
        Token);
}
