using Flyball.Durable.Files;
using Flyball.Metrics;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.PromQL;
using Flyball.PromQL.Caching;
using Flyball.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Server.Tests.PrometheusApi;

/// <summary>Whatever happens to the store between two questions, the cached answer is the fresh one, bit for bit.</summary>
public sealed class RangeResultCacheTests
{
    private const long Start = 1_767_600_000_000;

    private static readonly string[] Queries =
    [
        "m", "sum(m)", "rate(m_total[5m])", "sum by (g) (rate(m_total[2m]))", "m - m offset 3m", "max_over_time(sum(m)[10m:1m])",
        "topk(2, m)", "absent(m{g=\"9\"})", "count_values(\"v\", m)", "m > 40", "quantile(0.4, m)", "label_replace(m, \"h\", \"$1\", \"g\", \"(.)\")",
        "m @ end()", "m offset -2m", "sum(m) / scalar(count(m))", "timestamp(m)",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Cached_answers_equal_fresh_ones_under_random_changes(int seed)
    {
        var token = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("flyball-cache-");
        var random = new Random(seed);
        var clock = new TestClock();
        clock.Advance(DateTimeOffset.FromUnixTimeMilliseconds(Start + 40_000_000) - clock.GetUtcNow());
        try
        {
            await using var store = await MetricStore.OpenAsync(
                new MetricStoreOptions
                {
                    Directory = folder.FullName, OutOfOrderWindow = TimeSpan.FromHours(6), RetentionTime = TimeSpan.Zero, BlockSpan = TimeSpan.FromMinutes(30),
                },
                PhysicalFileSystem.Instance, clock, NullLoggerFactory.Instance, token);
            var engine = new PromQLEngine(new PromQLOptions { Workers = 1 }, clock);
            var cache = new RangeResultCache(engine, store, 1 << 20);
            var now = Start;
            for (var round = 0; round < 120; round++)
            {
                now = await ChangeAsync(store, random, now, token);
                foreach (var query in random.GetItems(Queries, 4))
                {
                    var step = random.Next(4) == 0 ? 45_000 : 60_000;
                    var first = (now - random.Next(1, 90) * 60_000) / step * step;
                    var expression = engine.Parse(query);
                    var fresh = await engine.QueryRangeAsync(
                        store, expression, new(first), new(now), new(step), QueryLimits.Default, token);
                    var cached = await cache.QueryRangeAsync(
                        store, expression, new(first), new(now), new(step), QueryLimits.Default, token);
                    Assert.Equal(Text(fresh), Text(cached));
                }
            }

            Assert.InRange(cache.Bytes, 1, 1 << 20);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task An_answer_asked_for_again_reads_nothing_and_one_asked_for_later_only_the_new_steps()
    {
        var token = TestContext.Current.CancellationToken;
        var source = new CountingSource();
        var engine = new PromQLEngine(new PromQLOptions(), TimeProvider.System);
        var cache = new RangeResultCache(engine, source, 1 << 20);
        var expression = engine.Parse("sum(m)");
        Task<QueryResult> AskAsync(long until) =>
            cache.QueryRangeAsync(source, expression, new(0), new(until), new(1000), QueryLimits.Default, token).AsTask();

        await AskAsync(100_000);
        Assert.Equal(1, source.Selects);
        await AskAsync(100_000);
        await AskAsync(50_000);
        Assert.Equal(1, source.Selects);

        source.Changed = 90_000;
        await AskAsync(120_000);
        Assert.Equal(2, source.Selects);
        // Steps from the change on, with their lookback.
        Assert.Equal(90_000 - 300_000 + 1, source.First);
    }

    private static async Task<long> ChangeAsync(MetricStore store, Random random, long now, CancellationToken token)
    {
        switch (random.Next(12))
        {
            case 0:
                var from = now - (random.Next(1, 60) * 60_000);
                var series = new Matcher(MatchOp.Equal, "g", $"{random.Next(3)}");
                await store.DeleteAsync([[series]], new TimeRange(new(from), new(from + random.Next(600_000))), token);
                return now;
            case 1:
                await store.SealAsync(token);
                return now;
            case 2 or 3:
                await AppendAsync(store, random, now - random.Next(3_600_000), 1, token);
                return now;
            case 4:
                return now;
            default:
                now += random.Next(1, 5) * 15_000;
                await AppendAsync(store, random, now, 6, token);
                return now;
        }
    }

    private static async Task AppendAsync(MetricStore store, Random random, long at, int count, CancellationToken token)
    {
        var batch = new SampleBatch();
        for (var i = 0; i < count; i++)
        {
            var name = i % 2 == 0 ? "m" : "m_total";
            var labels = LabelSet.Of(("__name__", name), ("g", $"{random.Next(3)}"), ("i", $"{i}"));
            batch.AddSample(batch.AddSeries(labels), new TimestampMs(at), random.Next(15) == 0 ? StaleMarker.Value : random.Next(100));
        }

        await store.AppendAsync(batch, AppendMode.StoreWhatFits, token);
    }

    private static string Text(QueryResult result) => string.Join(
        '\n',
        result.Series.Select(s => $"{s.Labels} {string.Join(' ', s.TimestampsMs.Zip(s.Values, (t, v) => $"{t}:{BitConverter.DoubleToInt64Bits(v):x}"))}"));

    /// <summary>One series, and how often it is asked for.</summary>
    private sealed class CountingSource : ITrackedSeriesSource, ISeriesSelection
    {
        public int Selects { get; private set; }

        public long First { get; private set; }

        public long Changed { get; set; } = long.MaxValue;

        public int Count => 1;

        public ISeriesSelection Select(SeriesQuery query, CancellationToken cancellationToken)
        {
            Selects++;
            First = query.Range.First.Value;
            return this;
        }

        public IReadOnlyList<string> LabelNames(SeriesQuery query, CancellationToken cancellationToken) => [];

        public IReadOnlyList<string> LabelValues(string labelName, SeriesQuery query, CancellationToken cancellationToken) => [];

        public long Mark() => 0;

        public TimestampMs ChangedSince(long mark) => new(Changed);

        public LabelSet Labels(int index) => LabelSet.Of(("__name__", "m"));

        public void Read(int index, SampleColumns destination, CancellationToken cancellationToken)
        {
            for (var t = 0; t < 130; t++)
            {
                destination.Add(t * 1000, t);
            }
        }

        public void Dispose()
        {
        }
    }
}
