using Flyball.Metrics;
using Flyball.Metrics.Downsampling;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.PromQL;
using Flyball.Testing;
using Flyball.Testing.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Server.Tests.Storage;

/// <summary>PromQL over a store with summaries answers what it answers without them; where raw samples are gone it says so.</summary>
public sealed class DownsampledQueryTests
{
    private static readonly MetricStoreOptions Plain = new()
    {
        Directory = "/data",
        LargestBlockSpan = TimeSpan.FromHours(6),
        RetentionTime = TimeSpan.FromHours(40),
    };

    private readonly TestClock _clock = new();
    private readonly PromQLEngine _engine = new(new PromQLOptions(), TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    [Theory]
    [InlineData("load", 3600)]
    [InlineData("timestamp(load)", 300)]
    [InlineData("sum by (job) (load)", 600)]
    [InlineData("count_over_time(load[1h])", 3600)]
    [InlineData("sum_over_time(load[30m])", 1800)]
    [InlineData("max_over_time(load[10m])", 600)]
    [InlineData("min_over_time(load[2h] offset 1h)", 3600)]
    [InlineData("avg_over_time(load[1h])", 3600)]
    [InlineData("rate(requests_total[1h])", 3600)]
    [InlineData("max_over_time(rate(requests_total[5m])[1h:5m])", 3600)]
    [InlineData("count_over_time(load[1h])", 700)]
    public async Task Queries_answer_the_same_with_and_without_summaries(string query, int stepSeconds)
    {
        await using var plain = await FilledAsync(Plain, 26);
        await using var summarised = await FilledAsync(Summarising, 26);
        var expected = await RangeAsync(plain, query, stepSeconds);
        var answer = await RangeAsync(summarised, query, stepSeconds);
        Assert.NotEmpty(expected.Series);
        Assert.Equal(Lines(expected), Lines(answer));
        Assert.Equal(expected.Infos, answer.Infos);
    }

    [Fact]
    public async Task An_answer_from_summaries_that_stand_in_for_raw_samples_says_so()
    {
        await using var store = await FilledAsync(Summarising, 60);
        var answer = await _engine.QueryInstantAsync(
            store, _engine.Parse("rate(requests_total[1h])"), new TimestampMs(Now - (50 * 3_600_000L)), new QueryLimits(), Token);
        Assert.InRange(Assert.Single(answer.Series).Values[0], 0.19, 0.21);
        Assert.Contains("summaries of 5m stand in for them", Assert.Single(answer.Infos), StringComparison.Ordinal);
    }

    private static MetricStoreOptions Summarising => Plain with
    {
        Downsampling = [new DownsamplingRule(TimeSpan.FromMinutes(5), TimeSpan.FromHours(8), TimeSpan.Zero)],
    };

    private static List<string> Lines(QueryResult result) =>
        [.. result.Series.SelectMany(s => s.TimestampsMs.Zip(s.Values, (at, value) => $"{s.Labels} {at} {value:G12}"))];

    private async Task<QueryResult> RangeAsync(MetricStore store, string query, int stepSeconds)
    {
        var end = TestClock.DefaultStart.AddHours(26).ToUnixTimeMilliseconds();
        return await _engine.QueryRangeAsync(
            store, _engine.Parse(query), new TimestampMs(end - 72_000_000), new TimestampMs(end), DurationMs.FromSeconds(stepSeconds), new QueryLimits(), Token);
    }

    private async Task<MetricStore> FilledAsync(MetricStoreOptions options, int hours)
    {
        var clock = new TestClock();
        var store = await MetricStore.OpenAsync(options, new FaultyFileSystem(), clock, NullLoggerFactory.Instance, Token);
        var random = new Random(1);
        for (var minute = 0; minute < hours * 60; minute++)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            var batch = new SampleBatch();
            var at = new TimestampMs(clock.GetUtcNow().ToUnixTimeMilliseconds() - random.Next(0, 1000));
            batch.AddSample(batch.AddSeries(LabelSet.Of(("__name__", "load"), ("job", "a"))), at, random.Next(0, 100) / 4.0);
            batch.AddSample(batch.AddSeries(LabelSet.Of(("__name__", "requests_total"), ("job", "a"))), at, minute % 700 * 12);
            await store.AppendAsync(batch, AppendMode.StoreWhatFits, Token);
            if (minute % 120 == 119)
            {
                await store.SealAsync(Token);
            }
        }

        await store.SealAsync(Token);
        _clock.Advance(clock.GetUtcNow() - _clock.GetUtcNow());
        return store;
    }
}
