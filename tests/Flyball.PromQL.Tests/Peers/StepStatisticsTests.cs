using System.Text.Json;
using Flyball.PromQL.Explaining;
using Flyball.PromQL.Testing;

namespace Flyball.PromQL.Tests.Peers;

/// <summary>Samples touched per step are those a real Prometheus counts, for floats.</summary>
public sealed class StepStatisticsTests
{
    private static readonly string[] Queries =
    [
        "temp", "sum(temp)", "temp{job=\"api\"} + on (job, instance) small", "rate(req_total[1m])", "max_over_time(temp[45s] offset 30s)",
        "temp @ 1700000400", "sum(rate(req_total[1m] @ 1700000400))", "max_over_time(temp[3m:20s])", "max_over_time(sum(rate(req_total[1m]))[4m:1m])",
        "time() * 2", "scalar(sum(flat))", "temp > 0 or flat", "topk(2, temp)", "sum_over_time((temp @ 1700000400)[2m:30s])", "timestamp(temp)",
        "absent(nothing)", "count_over_time(temp[2m] @ end()) + temp",
    ];

    [Fact]
    public async Task Samples_of_each_step_are_counted_as_by_Prometheus()
    {
        var stopping = TestContext.Current.CancellationToken;
        var version = await PeerPrometheus.RequireAsync(stopping);
        await using var peer = await PeerPrometheus.StartAsync("promql-per-step-stats,native-histograms", stopping);
        var data = new PeerData(new Random(1), version).Fill();
        await peer.WriteAsync(data, stopping);
        var source = new MemorySeriesSource();
        foreach (var (labels, samples) in data.Series)
        {
            samples.ForEach(s => source.Add(labels, s.AtMs, new MemorySample(s.Value, s.Histogram, 0)));
        }

        var engine = new PromQLEngine(new PromQLOptions(), TimeProvider.System);
        // No sample is at the edge of a window, which belonged to it before 3.0.
        var start = PeerData.StartMs + 307_000;
        foreach (var query in Queries)
        {
            var question = new PeerQuestion(new QueryTree(ValueKind.None, query), start, start + 300_000, 60_000, IsRange: true) { WithStatistics = true };
            var expected = (await peer.AskAsync(question, stopping)).GetProperty("data").GetProperty("stats").GetProperty("samples");
            var ours = await engine.QueryRangeAsync(
                source, engine.Parse(query), new(start), new(start + 300_000), new(60_000), QueryLimits.Default, QueryInspection.SamplesPerStep, stopping);
            Assert.Equal($"{query}: {PerStepOf(expected)}", $"{query}: {string.Join(' ', ours.Statistics.QueryablePerStep!.Select(s => s.Samples))}");
            Assert.Equal(expected.GetProperty("totalQueryableSamples").GetInt64(), ours.Statistics.QueryableSamples);
        }
    }

    private static string PerStepOf(JsonElement samples) =>
        string.Join(' ', samples.GetProperty("totalQueryableSamplesPerStep").EnumerateArray().Select(s => s[1].GetRawText()));
}
