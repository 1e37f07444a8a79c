using System.Text;
using System.Text.Json;
using Flyball.Ingest.Exposition;
using Flyball.Model.Labels;
using Flyball.Testing;

namespace Flyball.Ingest.Tests.Exposition;

public sealed class RealBodyTests
{
    [Theory]
    [InlineData("captured/prometheus.txt")]
    [InlineData("captured/alertmanager.txt")]
    [InlineData("captured/node-exporter.txt")]
    [InlineData("captured/pushgateway.txt")]
    [InlineData("captured/prometheus-federate.txt")]
    [InlineData("captured/victoria-metrics.txt")]
    [InlineData("textparse/alltypes.237mfs.prom.txt")]
    [InlineData("textparse/alltypes.237mfs.nometa.prom.txt")]
    [InlineData("promtool/metrics-test.prom")]
    public void Every_sample_line_of_a_text_body_is_one_sample(string file)
    {
        var path = SharedData.Require("conformance/exposition/" + file);
        var sampleLines = File.ReadLines(path).Count(line => line.Length > 0 && line[0] != '#');
        var entries = ExpositionBodies.ReadAll(new PrometheusTextReader(), File.ReadAllBytes(path));
        Assert.Equal(sampleLines, entries.Count(IsSample));
    }

    [Theory]
    [InlineData("textparse/1histogram.om.txt")]
    [InlineData("textparse/alltypes.5mfs.om.txt")]
    public void Every_sample_line_of_an_OpenMetrics_body_is_one_sample(string file)
    {
        var body = File.ReadAllText(SharedData.Require("conformance/exposition/" + file)).TrimEnd('\n');
        body = body.EndsWith("# EOF", StringComparison.Ordinal) ? body : body + "\n# EOF";
        var entries = ExpositionBodies.ReadAll(new OpenMetricsReader(), Encoding.UTF8.GetBytes(body));
        Assert.Equal(body.Split('\n').Count(line => line[0] != '#'), entries.Count(IsSample));
    }

    [Fact]
    public void Every_valid_case_of_the_OpenMetrics_suite_parses()
    {
        var refused = new List<string>();
        foreach (var folder in Directory.EnumerateDirectories(SharedData.Require("conformance/exposition/openmetrics")).Order())
        {
            using var test = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "test.json")));
            if (test.RootElement.GetProperty("shouldParse").GetBoolean())
            {
                try
                {
                    ExpositionBodies.ReadAll(new OpenMetricsReader(), File.ReadAllBytes(Path.Combine(folder, "metrics")));
                }
                catch (ExpositionFormatException e)
                {
                    refused.Add($"{Path.GetFileName(folder)}: {e.Message}");
                }
            }
        }

        Assert.Empty(refused);
    }

    [Fact]
    public void Every_byte_cut_out_of_a_real_body_is_read_or_refused_but_never_breaks_the_reader()
    {
        var body = File.ReadAllBytes(SharedData.Require("conformance/exposition/textparse/alltypes.5mfs.om.txt"));
        for (var length = 0; length <= body.Length; length++)
        {
            ReadOrRefuse(new OpenMetricsReader(), body.AsMemory(0, length));
            ReadOrRefuse(new PrometheusTextReader(), body.AsMemory(0, length));
        }
    }

    [Fact]
    public void Random_damage_to_real_bodies_never_breaks_the_readers()
    {
        var random = new Random(20260105);
        var seeds = new[] { "captured/alertmanager.txt", "textparse/alltypes.5mfs.om.txt", "promtool/metrics-test.prom" }
            .Select(f => File.ReadAllBytes(SharedData.Require("conformance/exposition/" + f))).ToArray();
        ReadOnlySpan<byte> nasty = "\0\n\t \"\\{}=,#_aE+-.1é\u2028"u8;
        for (var round = 0; round < 2_000; round++)
        {
            var source = seeds[random.Next(seeds.Length)];
            var body = source.AsSpan(random.Next(source.Length / 2)).ToArray();
            for (var hit = random.Next(1, 6); hit > 0; hit--)
            {
                body[random.Next(Math.Min(body.Length, 400))] = random.Next(2) == 0 ? (byte)random.Next(256) : nasty[random.Next(nasty.Length)];
            }

            ReadOrRefuse(new OpenMetricsReader(), body);
            ReadOrRefuse(new PrometheusTextReader(), body);
        }
    }

    [Fact]
    public void Reading_a_known_body_again_allocates_nothing()
    {
        var body = File.ReadAllBytes(SharedData.Require("conformance/exposition/captured/prometheus.txt"));
        var reader = new PrometheusTextReader();
        var labels = new LabelSetBuilder();
        CountSamples(reader, body, labels);
        var before = GC.GetAllocatedBytesForCurrentThread();
        CountSamples(reader, body, null);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static int CountSamples(ExpositionReader reader, ReadOnlyMemory<byte> body, LabelSetBuilder? labels)
    {
        var samples = 0;
        reader.Reset(body);
        for (var entry = reader.Read(); entry != ExpositionEntry.End; entry = reader.Read())
        {
            samples += entry == ExpositionEntry.Sample ? 1 : 0;
            if (entry == ExpositionEntry.Sample && labels is not null)
            {
                reader.ReadLabels(labels.Clear());
            }
        }

        return samples;
    }

    private static void ReadOrRefuse(ExpositionReader reader, ReadOnlyMemory<byte> body)
    {
        try
        {
            ExpositionBodies.ReadAll(reader, body);
        }
        catch (ExpositionFormatException)
        {
            // Its own error is the only one allowed.
        }
    }

    private static bool IsSample(string entry) =>
        !entry.StartsWith("Type ", StringComparison.Ordinal) && !entry.StartsWith("Help ", StringComparison.Ordinal)
        && !entry.StartsWith("Unit ", StringComparison.Ordinal);
}
