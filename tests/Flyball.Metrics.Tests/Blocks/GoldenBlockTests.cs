using System.Globalization;
using System.Text;
using Flyball.Durable.Files;
using Flyball.Metrics.Blocks;
using Flyball.Model.Histograms;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Testing;
using Flyball.Testing.Files;

namespace Flyball.Metrics.Tests.Blocks;

/// <summary>Blocks of every version ever released open for ever; the present one is written byte for byte as it always was.</summary>
public sealed class GoldenBlockTests
{
    private const string Written = "/data/blocks/0000000007.block";

    private static readonly string Golden =
        Path.Combine(SharedData.Repository, "tests", "Flyball.Metrics.Tests", "Blocks", "Goldens", "block-v2.hex");

    [Fact]
    public void Version_2_is_written_as_it_always_was()
    {
        var text = Text(WriteBlock().ReadAll(Written));
        if (Environment.GetEnvironmentVariable("FLYBALL_REWRITE_GOLDENS") == "1")
        {
            File.WriteAllText(Golden, text);
        }

        Assert.Equal(File.ReadAllText(Golden), text);
    }

    [Fact]
    public void Version_2_is_read_as_it_always_was()
    {
        var files = new FaultyFileSystem();
        AtomicPublish.CreateDirectory(files, "/data/blocks");
        using (var file = files.Open(Written, OpenMode.Truncate))
        {
            file.Write(0, Bytes(File.ReadAllLines(Golden)));
        }

        using var block = new Block(files, Written, 7);
        Assert.Equal((3, 14, 4), (block.Facts.SeriesCount, block.Facts.SampleCount, block.Facts.PageCount));
        Assert.Equal(
            """
            cpu_seconds_total{instance="a"} 1000=0.25 16000=0.5 31000=2 46000=2.75 61000=3
            latency{instance="a"} 1000=4 16000=6h2,4 31000=7h2,5
            up{instance="a"} 1000=1 16000=1 31000=1 46000=1 61000=1 76000=stale
            """.ReplaceLineEndings("\n"),
            Contents(block));
    }

    private static FaultyFileSystem WriteBlock()
    {
        var files = new FaultyFileSystem();
        AtomicPublish.CreateDirectory(files, "/data/blocks");
        using var writer = new BlockWriter(files, Written, 7);
        var series = new[] { "cpu_seconds_total{instance=a}", "latency{instance=a}", "up{instance=a}" }.Select(Stores.Series).ToArray();
        Array.ForEach(series, s => writer.Announce(s.Encoded));
        writer.BeginSeries();
        using var samples = new SampleColumns();
        AddAll(samples, 0.25, 0.5, 2, 2.75, 3);
        writer.Add(series[0].Encoded, samples);

        samples.Clear();
        samples.Add(1000, 4);
        samples.Add(16_000, Histogram(6, 2, 4));
        samples.Add(31_000, Histogram(7, 2, 5));
        writer.Add(series[1].Encoded, samples);

        samples.Clear();
        AddAll(samples, 1, 1, 1, 1, 1, StaleMarker.Value);
        writer.Add(series[2].Encoded, samples);
        writer.Finish(0, 7_200_000, level: 1, [3]);
        return files;
    }

    private static void AddAll(SampleColumns to, params ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            to.Add(1000 + (to.Count * 15_000L), value);
        }
    }

    private static NativeHistogram Histogram(double sum, params double[] buckets) => new()
    {
        Schema = 0,
        Count = buckets.Sum(),
        Sum = sum,
        PositiveSpans = [new BucketSpan(1, 2)],
        PositiveBuckets = buckets,
        ResetHint = CounterResetHint.NotReset,
        HasIntegerCounts = true,
    };

    private static string Contents(Block block)
    {
        var lines = new List<string>();
        var walk = block.Walk();
        var known = new KnownTimes();
        using var samples = new SampleColumns();
        for (var series = 0; series < block.Facts.SeriesCount; series++)
        {
            walk.MoveTo(series);
            samples.Clear();
            walk.Pages.ForEach(page => block.Read(page, TimeRange.All, samples, known));
            var line = new StringBuilder(Model.Labels.LabelSet.FromEncoded(walk.Labels).ToString());
            for (var i = 0; i < samples.Count; i++)
            {
                var value = samples.Values[i];
                line.Append(CultureInfo.InvariantCulture, $" {samples.TimestampsMs[i]}={(StaleMarker.Is(value) ? "stale" : value)}");
                if (samples.HasHistograms && samples.Histograms[i] is { } histogram)
                {
                    line.Append('h').AppendJoin(',', histogram.PositiveBuckets);
                }
            }

            lines.Add(line.ToString());
        }

        return string.Join('\n', lines);
    }

    // Sixteen bytes a line, the way a hex editor shows them.
    private static string Text(byte[] bytes)
    {
        var text = new StringBuilder();
        foreach (var line in bytes.Chunk(16))
        {
            text.AppendJoin(' ', line.Select(b => b.ToString("x2", CultureInfo.InvariantCulture))).Append('\n');
        }

        return text.ToString();
    }

    private static byte[] Bytes(string[] lines) =>
        [.. lines.SelectMany(l => l.Split(' ')).Select(b => byte.Parse(b, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
}
