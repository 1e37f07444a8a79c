using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Flyball.Model.Labels;
using Flyball.PromQL.Testing;
using Flyball.Testing;

namespace Flyball.PromQL.Tests.Evaluation;

/// <summary>The queries of the PromQL compliance tester over its demo data, answers compared with Prometheus 2.42's.</summary>
public sealed class ComplianceTests
{
    private const double Tolerance = 1e-5;

    // Refused by 2.42, accepted since label names may be any UTF-8.
    private static readonly string[] Free = ["\"~invalid\""];

    [Fact]
    public async Task Every_query_of_the_compliance_tester_answers_as_Prometheus()
    {
        var folder = SharedData.Require("conformance/promql-compliance");
        var source = Load(Path.Combine(folder, "demo-data.om.gz"));
        var engine = new PromQLEngine(new PromQLOptions(), TimeProvider.System);
        var failures = new List<string>();
        var count = 0;
        foreach (var line in Lines(Path.Combine(folder, "expected.jsonl.gz")))
        {
            using var expected = JsonDocument.Parse(line);
            var query = expected.RootElement.GetProperty("query").GetString()!;
            if (Free.Any(f => query.Contains(f, StringComparison.Ordinal)))
            {
                continue;
            }

            count++;
            if (await Check(engine, source, query, expected.RootElement) is { } difference)
            {
                failures.Add($"{query}: {difference}");
            }
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {count} differ:\n{string.Join('\n', failures.Take(40))}");
        Assert.True(count > 500);
    }

    private static IEnumerable<string> Lines(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    private static MemorySeriesSource Load(string path)
    {
        var source = new MemorySeriesSource();
        var known = new Dictionary<string, LabelSet>();
        foreach (var line in Lines(path))
        {
            if (line.StartsWith('#'))
            {
                continue;
            }

            var close = line.LastIndexOf('}') + 1;
            var metric = line[..close];
            if (!known.TryGetValue(metric, out var labels))
            {
                known[metric] = labels = SeriesDescription.Parse(metric).Labels;
            }

            var parts = line[close..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var at = (long)Math.Round(double.Parse(parts[1], CultureInfo.InvariantCulture) * 1000);
            source.Add(labels, at, new MemorySample(Number(parts[0]), null, 0));
        }

        return source;
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private static async Task<string?> Check(PromQLEngine engine, MemorySeriesSource source, string query, JsonElement expected)
    {
        QueryResult result;
        try
        {
            result = await engine.QueryRangeAsync(
                source, engine.Parse(query), new(1795175403000), new(1795176003000), new(10_000), QueryLimits.Default,
                TestContext.Current.CancellationToken);
        }
        catch (Exception e) when (e is PromQLSyntaxException or PromQLQueryException)
        {
            return expected.GetProperty("should_fail").GetBoolean() ? null : "failed: " + e.Message;
        }

        if (!expected.TryGetProperty("result", out var series))
        {
            return "succeeded, expected " + expected.GetProperty("error");
        }

        return Compare(series, result);
    }

    private static string? Compare(JsonElement expected, QueryResult result)
    {
        if (expected.GetArrayLength() != result.Series.Count)
        {
            return $"{result.Series.Count} series, expected {expected.GetArrayLength()}";
        }

        var byLabels = result.Series.ToDictionary(s => s.Labels);
        foreach (var one in expected.EnumerateArray())
        {
            var labels = LabelSet.Of([.. one.GetProperty("metric").EnumerateObject().Select(p => (p.Name, p.Value.GetString()!))]);
            if (!byLabels.TryGetValue(labels, out var found))
            {
                return $"{labels} is missing";
            }

            var points = one.GetProperty("values");
            if (points.GetArrayLength() != found.Count)
            {
                return $"{labels}: {found.Count} points, expected {points.GetArrayLength()}";
            }

            for (var i = 0; i < found.Count; i++)
            {
                var at = (long)Math.Round(points[i][0].GetDouble() * 1000);
                var value = Number(points[i][1].GetString()!);
                if (at != found.TimestampsMs[i] || !Same(value, found.Values[i]))
                {
                    return $"{labels}: at {found.TimestampsMs[i]}: {found.Values[i]:R}, expected {value:R} at {at}";
                }
            }
        }

        return null;
    }

    private static bool Same(double a, double b) =>
        a.Equals(b) || a == b || Math.Abs(a - b) <= Tolerance * Math.Max(Math.Abs(a), Math.Abs(b));
}
