using System.Text.Json;
using Flyball.Ingest.Exposition;
using Flyball.Ingest.Push;
using Flyball.Ingest.Tests.Exposition;
using Flyball.Testing;

namespace Flyball.Ingest.Tests.Push;

public sealed class PushTextParserTests
{
    [Fact]
    public void Bodies_are_rejected_as_the_Pushgateway_rejects_them()
    {
        using var table = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require("conformance/exposition/expfmt/text-parse-errors.json")));
        var differences = new List<string>();
        foreach (var example in table.RootElement.GetProperty("cases").EnumerateArray())
        {
            var body = ExpositionBodies.Bytes(example.GetProperty("input"));
            var expected = example.GetProperty("error_utf8").GetString();
            var actual = ErrorOf(body);
            // The table holds the beginning of each message; none for what is accepted.
            if (string.IsNullOrEmpty(expected) ? actual is not null : actual?.StartsWith(expected, StringComparison.Ordinal) != true)
            {
                differences.Add($"{GoText.Quote(body)}\n  expected: {expected}\n  actual:   {actual}");
            }
        }

        Assert.Empty(differences);
    }

    [Theory]
    [InlineData("expfmt/testdata/text")]
    [InlineData("captured/prometheus.txt")]
    [InlineData("captured/pushgateway.txt")]
    [InlineData("captured/node-exporter.txt")]
    public void Real_pages_have_as_many_samples_as_sample_lines(string file)
    {
        var path = SharedData.Require("conformance/exposition/" + file);
        var body = File.ReadAllBytes(path);
        Assert.Equal(
            File.ReadLines(path).Count(line => line.Length > 0 && line[0] != '#'),
            new PushTextParser(body).Read().Sum(f => f.Samples.Count));
    }

    [Fact]
    public void Damage_never_breaks_the_parser()
    {
        var random = new Random(3);
        var page = File.ReadAllBytes(SharedData.Require("conformance/exposition/captured/alertmanager.txt"));
        for (var round = 0; round < 1_000; round++)
        {
            var start = random.Next(page.Length - 600);
            var body = page.AsSpan(start, random.Next(600)).ToArray();
            for (var hit = random.Next(5); hit > 0 && body.Length > 0; hit--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }

            ErrorOf(body);
        }
    }

    [Fact]
    public void Parts_of_a_histogram_are_one_family()
    {
        var family = Assert.Single(new PushTextParser("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2\nh_sum 1\nh_count 2\n"u8).Read());
        Assert.Equal(["h_bucket{le=\"+Inf\"}", "h_sum", "h_count"], family.Samples.Select(s => s.Series.ToString()));
    }

    private static string? ErrorOf(byte[] body)
    {
        try
        {
            new PushTextParser(body).Read();
            return null;
        }
        catch (ExpositionFormatException e)
        {
            return e.Message;
        }
    }
}
