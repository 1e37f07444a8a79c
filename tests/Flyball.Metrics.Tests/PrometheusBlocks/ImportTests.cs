using System.Text.Json;
using Flyball.Durable.Files;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Metrics.Tests.PrometheusBlocks;

/// <summary>Real Prometheus data folders, against what Prometheus itself says is in them.</summary>
public sealed class ImportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flyball-import-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("conformance/tsdb/backfill-2.42", "conformance/tsdb/backfill-2.42.dump.gz")]
    [InlineData("conformance/tsdb/scraped-2.42", "conformance/tsdb/scraped-2.42.dump.gz")]
    public async Task A_data_folder_is_imported_as_promtool_dumps_it(string source, string dump)
    {
        await using var store = await OpenAsync();
        var report = await store.ImportPrometheusAsync(SharedData.Require(source), progress: null, Token);
        Assert.Empty(report.Problems);
        Assert.Equal(PrometheusDump.ReadGzip(SharedData.Require(dump)), PrometheusDump.Of(store));

        var again = await store.ImportPrometheusAsync(SharedData.Require(source), progress: null, Token);
        Assert.True(again.Skipped > 0);
        Assert.Equal(PrometheusDump.ReadGzip(SharedData.Require(dump)), PrometheusDump.Of(store));
    }

    [Fact]
    public async Task An_index_of_version_1_is_read()
    {
        var block = SharedData.Require("conformance/tsdb/upstream/index_format_v1");
        var source = Directory.CreateDirectory(Path.Combine(_folder, "source")).FullName;
        Copy(block, Path.Combine(source, "01BLOCK"));
        await using var store = await OpenAsync();
        var report = await store.ImportPrometheusAsync(source, progress: null, Token);
        Assert.Empty(report.Problems);
        Assert.Equal(PrometheusDump.ReadGzip(SharedData.Require("conformance/tsdb/upstream.index_format_v1.dump.gz")), PrometheusDump.Of(store));
    }

    [Fact]
    public async Task The_floats_of_a_killed_server_are_found_in_its_logs()
    {
        await using var store = await ImportHeadAsync();
        foreach (var line in await File.ReadAllLinesAsync(SharedData.Require("conformance/tsdb/head-2.42.floats.jsonl"), Token))
        {
            using var expected = JsonDocument.Parse(line);
            var labels = LabelsOf(expected.RootElement.GetProperty("labels"));
            var found = Read(store, labels, out _).Where(s => !StaleMarker.Is(s.Value)).Select(s => $"{s.Time} {s.Value:R}");
            var wanted = expected.RootElement.GetProperty("values").EnumerateArray()
                .Select(v => $"{(long)Math.Round(v[0].GetDouble() * 1000)} {ParseGo(v[1].GetString()!):R}");
            Assert.Equal(wanted, found);
        }
    }

    [Fact]
    public async Task The_histograms_of_a_killed_server_are_found_in_its_logs()
    {
        await using var store = await ImportHeadAsync();
        var compared = 0;
        foreach (var line in await File.ReadAllLinesAsync(SharedData.Require("conformance/tsdb/head-2.42.histograms.jsonl"), Token))
        {
            using var expected = JsonDocument.Parse(line);
            var root = expected.RootElement;
            Read(store, LabelsOf(root.GetProperty("labels")), out var histograms);
            var found = histograms[root.GetProperty("t").GetInt64()];
            if (StaleMarker.Is(found.Sum))
            {
                continue;
            }

            Assert.Equal(root.GetProperty("count").GetDouble(), found.Count);
            Assert.Equal(root.GetProperty("sum").GetDouble(), found.Sum);
            Assert.Equal(root.GetProperty("schema").GetInt32(), found.Schema);
            Assert.Equal(root.GetProperty("zero_count").GetDouble(), found.ZeroCount);
            Assert.Equal(root.GetProperty("kind").GetString() == "int", found.HasIntegerCounts);
            Assert.Equal(Buckets(root, "positive"), found.PositiveBuckets);
            Assert.Equal(Buckets(root, "negative"), found.NegativeBuckets);
            compared++;
        }

        Assert.True(compared > 10);
    }

    [Fact]
    public async Task The_exemplars_of_a_killed_server_are_found_in_its_logs()
    {
        await using var store = await ImportHeadAsync();
        using var expected = JsonDocument.Parse(await File.ReadAllTextAsync(SharedData.Require("conformance/tsdb/head-2.42.exemplars.json"), Token));
        foreach (var series in expected.RootElement.GetProperty("data").EnumerateArray())
        {
            var labels = LabelsOf(series.GetProperty("seriesLabels"));
            var found = store.Exemplars(TimeRange.All, [MatchersOf(labels)]);
            var wanted = series.GetProperty("exemplars").EnumerateArray()
                .Select(e => $"{LabelsOf(e.GetProperty("labels"))} {ParseGo(e.GetProperty("value").GetString()!):R}");
            Assert.Equal(wanted, Assert.Single(found).Exemplars.Select(e => $"{e.Labels} {e.Value:R}"));
        }
    }

    [Fact]
    public async Task A_damaged_block_is_named_and_the_others_are_imported()
    {
        var source = Path.Combine(_folder, "source");
        Copy(SharedData.Require("conformance/tsdb/backfill-2.42"), source);
        var chunks = Directory.GetFiles(source, "000001", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        var bytes = await File.ReadAllBytesAsync(chunks, Token);
        bytes[bytes.Length / 2] ^= 4;
        await File.WriteAllBytesAsync(chunks, bytes, Token);
        await using var store = await OpenAsync();
        var report = await store.ImportPrometheusAsync(source, progress: null, Token);
        Assert.Contains("checksum", Assert.Single(report.Problems), StringComparison.Ordinal);
        Assert.Equal(3, report.Blocks);
    }

    private static double[] Buckets(JsonElement root, string side)
    {
        if (root.TryGetProperty($"{side}_counts", out var counts) && counts.GetArrayLength() > 0)
        {
            return [.. counts.EnumerateArray().Select(c => c.GetDouble())];
        }

        double sum = 0;
        return root.TryGetProperty($"{side}_deltas", out var deltas) ? [.. deltas.EnumerateArray().Select(d => sum += d.GetDouble())] : [];
    }

    private static double ParseGo(string value) => value switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(value),
    };

    private static LabelSet LabelsOf(JsonElement labels) => LabelSet.Of([.. labels.EnumerateObject().Select(l => (l.Name, l.Value.GetString()!))]);

    private static List<Matcher> MatchersOf(LabelSet labels) => [.. labels.AsPairs().Select(l => new Matcher(MatchOp.Equal, l.Key, l.Value))];

    private static List<(long Time, double Value)> Read(MetricStore store, LabelSet labels, out Dictionary<long, NativeHistogram> histograms)
    {
        using var selection = store.Select(new SeriesQuery(TimeRange.All, MatchersOf(labels)), Token);
        using var samples = new SampleColumns();
        histograms = [];
        var floats = new List<(long, double)>();
        for (var i = 0; i < selection.Count; i++)
        {
            if (!selection.Labels(i).Equals(labels))
            {
                continue;
            }

            selection.Read(i, samples, Token);
            for (var j = 0; j < samples.Count; j++)
            {
                floats.Add((samples.TimestampsMs[j], samples.Values[j]));
                if (samples.HasHistograms && samples.Histograms[j] is { } histogram)
                {
                    histograms[samples.TimestampsMs[j]] = histogram;
                }
            }
        }

        return floats;
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (var folder in Directory.GetDirectories(from))
        {
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }

    private async Task<MetricStore> ImportHeadAsync()
    {
        var store = await OpenAsync();
        var report = await store.ImportPrometheusAsync(SharedData.Require("conformance/tsdb/head-2.42"), progress: null, Token);
        Assert.Empty(report.Problems);
        return store;
    }

    private Task<MetricStore> OpenAsync() => MetricStore.OpenAsync(
        new MetricStoreOptions { Directory = Path.Combine(_folder, "data"), RetentionTime = TimeSpan.Zero },
        PhysicalFileSystem.Instance,
        TimeProvider.System,
        NullLoggerFactory.Instance,
        Token);
}
