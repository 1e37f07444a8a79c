using System.Globalization;
using System.Text.Json;
using Flyball.Alerting.Routing.TimeIntervals;
using Flyball.Configuration;
using Flyball.Testing;
using YamlDotNet.RepresentationModel;

namespace Flyball.Alerting.Tests.Routing.TimeIntervals;

public sealed class TimeIntervalTests
{
    [Fact]
    public void Alertmanagers_table_is_followed()
    {
        using var table = JsonDocument.Parse(File.ReadAllText(SharedData.Require("conformance/alertmanager/time-intervals.json")));
        foreach (var testCase in table.RootElement.GetProperty("cases").EnumerateArray())
        {
            Check(testCase);
        }
    }

    [Fact]
    public void A_location_moves_the_clock()
    {
        var problems = new ConfigProblems();
        var interval = Read("times: [{start_time: '09:00', end_time: '10:00'}]\nlocation: Australia/Sydney", problems).Single();
        Assert.Empty(problems.All);
        Assert.True(interval.Contains(new DateTimeOffset(2026, 1, 4, 22, 30, 0, TimeSpan.Zero)));
        Assert.False(interval.Contains(new DateTimeOffset(2026, 1, 5, 9, 30, 0, TimeSpan.Zero)));
    }

    private static void Check(JsonElement testCase)
    {
        var problems = new ConfigProblems();
        if (testCase.TryGetProperty("time_range", out var range))
        {
            var read = TimeIntervalReader.ReadTimes(new YamlSection("t.yml", (YamlMappingNode)Load(range.GetString()!), problems));
            Assert.Equal(testCase.GetProperty("ok").GetBoolean(), !problems.Any);
            if (!problems.Any)
            {
                Assert.Equal(testCase.GetProperty("minutes").EnumerateArray().Select(m => m.GetInt32()), [read!.Value.First, read.Value.Last]);
            }

            return;
        }

        var yaml = (testCase.TryGetProperty("yaml", out var list) ? list : testCase.GetProperty("yaml_single")).GetString()!;
        var intervals = Read(yaml, problems);
        Assert.True(testCase.GetProperty("ok").GetBoolean() == !problems.Any, yaml + string.Join("; ", problems.All));
        if (testCase.TryGetProperty("error", out var error) && error.GetString() is { } message)
        {
            Assert.Contains(problems.All, p => p.Message == message);
        }

        foreach (var (kind, expected) in (ReadOnlySpan<(string, bool)>)[("contains", true), ("excludes", false)])
        {
            foreach (var at in testCase.GetProperty(kind).EnumerateArray())
            {
                var time = DateTimeOffset.ParseExact(at.GetString()!, "dd MMM yy HH:mm zzz", CultureInfo.InvariantCulture);
                Assert.True(expected == intervals.Any(i => i.Contains(time)), $"{yaml} {kind} {at}");
            }
        }
    }

    private static TimeInterval[] Read(string yaml, ConfigProblems problems)
    {
        var node = Load(yaml);
        return [.. (node is YamlSequenceNode list ? list.Children : [node])
            .Select(n => TimeIntervalReader.Read(new YamlSection("t.yml", (YamlMappingNode)n, problems)))];
    }

    private static YamlNode Load(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return stream.Documents[0].RootNode;
    }
}
