using System.Diagnostics;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.PromQL.Testing;

namespace Flyball.PromQL.Tests.Evaluation;

public sealed class LimitTests
{
    private static readonly MemorySeriesSource Source = Fill();

    [Theory]
    [InlineData("x", 300)]
    [InlineData("x * on(i) group_left x", 300)]
    [InlineData("topk(400, x)", 300)]
    [InlineData("quantile(0.5, x)", 300)]
    [InlineData("count_values(\"v\", x)", 300)]
    [InlineData("sum_over_time(sum(x)[1h:1s])", 1000)]
    [InlineData("max_over_time(x[100y:1ms])", 1000)]
    [InlineData("label_replace(x, \"a\", \"b\", \"\", \"\") or x", 300)]
    public async Task A_query_that_would_hold_too_many_samples_is_refused(string query, int limit)
    {
        var engine = new PromQLEngine(new PromQLOptions(), TimeProvider.System);
        var failure = await Assert.ThrowsAsync<PromQLQueryException>(async () => await engine.QueryRangeAsync(
            Source, engine.Parse(query), new(0), new(3_600_000), new(60_000), QueryLimits.Default with { MaxSamples = limit }, TestContext.Current.CancellationToken));
        Assert.Equal(QueryFailure.Execution, failure.Failure);
        Assert.Contains("too many samples", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_selector_that_matches_too_many_series_is_refused()
    {
        var engine = new PromQLEngine(new PromQLOptions(), TimeProvider.System);
        var failure = await Assert.ThrowsAsync<PromQLQueryException>(async () => await engine.QueryInstantAsync(
            Source, engine.Parse("count(x)"), new(0), QueryLimits.Default with { MaxSeries = 10 }, TestContext.Current.CancellationToken));
        Assert.Contains("more than 10 series", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_and_points_have_limits_that_name_their_keys()
    {
        var engine = new PromQLEngine(new PromQLOptions(), TimeProvider.System);
        var bytes = await Assert.ThrowsAsync<PromQLQueryException>(async () => await engine.QueryRangeAsync(
            Source, engine.Parse("x"), new(0), new(3_600_000), new(60_000), QueryLimits.Default with { MaxBytes = 5000 }, TestContext.Current.CancellationToken));
        Assert.Contains("query.max_memory", bytes.Message, StringComparison.Ordinal);
        var points = await Assert.ThrowsAsync<PromQLQueryException>(async () => await engine.QueryRangeAsync(
            Source, engine.Parse("x"), new(0), new(3_600_000), new(60_000), QueryLimits.Default with { MaxPoints = 59 }, TestContext.Current.CancellationToken));
        Assert.Contains("query.max_points", points.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sum(slow)")]
    [InlineData("topk(3, slow)")]
    [InlineData("slow * on () group_left sum(slow)")]
    [InlineData("avg_over_time(slow[5m:1s])")]
    public async Task What_is_given_up_reads_no_further_series(string query)
    {
        using var given = new CancellationTokenSource();
        var source = new EndlessSource { GiveUpAfter = (500, given) };
        var engine = new PromQLEngine(new PromQLOptions { Workers = 2 }, TimeProvider.System);
        await Assert.ThrowsAsync<PromQLQueryException>(async () => await engine.QueryInstantAsync(
            source, engine.Parse(query), new(0), QueryLimits.Default, given.Token));
        // The other worker may have asked whether to go on just before.
        Assert.InRange(source.ReadsGivenUp, 0, 1);
    }

    [Theory]
    [InlineData("sum(slow)")]
    [InlineData("sum_over_time(slow[5m])")]
    [InlineData("slow and slow")]
    [InlineData("sort(slow)")]
    public async Task A_query_that_takes_too_long_or_is_given_up_stops_within_a_tenth_of_a_second(string query)
    {
        var engine = new PromQLEngine(new PromQLOptions(), TimeProvider.System);
        var limits = QueryLimits.Default with { Timeout = TimeSpan.FromMilliseconds(30) };
        var watch = Stopwatch.StartNew();
        var late = await Assert.ThrowsAsync<PromQLQueryException>(async () => await engine.QueryInstantAsync(
            new EndlessSource(), engine.Parse(query), new(0), limits, TestContext.Current.CancellationToken));
        Assert.Equal(QueryFailure.Timeout, late.Failure);
        Assert.Equal("query timed out in expression evaluation", late.Message);

        using var given = new CancellationTokenSource(TimeSpan.FromMilliseconds(30));
        var canceled = await Assert.ThrowsAsync<PromQLQueryException>(async () => await engine.QueryInstantAsync(
            new EndlessSource(), engine.Parse(query), new(0), QueryLimits.Default, given.Token));
        Assert.Equal(QueryFailure.Canceled, canceled.Failure);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"took {watch.Elapsed}");
    }

    [Fact]
    public async Task Random_well_typed_queries_answer_or_fail_in_their_own_words()
    {
        var engine = new PromQLEngine(new PromQLOptions { Features = PromQLFeatures.All }, TimeProvider.System);
        var random = new Random(99);
        var limits = QueryLimits.Default with { MaxSamples = 200_000, Timeout = TimeSpan.FromSeconds(20) };
        for (var i = 0; i < 1_500; i++)
        {
            var text = RandomQuery.Vector(random, depth: 4);
            try
            {
                var expression = engine.Parse(text);
                await engine.QueryRangeAsync(Source, expression, new(0), new(600_000), new(30_000), limits, TestContext.Current.CancellationToken);
            }
            catch (PromQLQueryException)
            {
                // Refused with a reason: matching, limits, parameters.
            }
        }
    }

    [Theory]
    [InlineData("sum by (g) (x)")]
    [InlineData("avg by (g) (x)")]
    [InlineData("stddev(x)")]
    [InlineData("max by (g) (rate(x[5m]))")]
    [InlineData("count(x)")]
    [InlineData("topk(3, x)")]
    [InlineData("quantile by (g) (0.3, x)")]
    public async Task Two_workers_answer_as_one_does(string query)
    {
        var source = new MemorySeriesSource();
        for (var i = 0; i < 3000; i++)
        {
            var labels = LabelSet.Of(("__name__", "x"), ("i", i.ToString()), ("g", (i % 7).ToString()));
            for (var t = 0; t < 10; t++)
            {
                source.Add(labels, t * 30_000, new MemorySample((i * 0.37) + t, null, 0));
            }
        }

        var results = new List<QueryResult>();
        foreach (var workers in (int[])[1, 2, 3])
        {
            var engine = new PromQLEngine(new PromQLOptions { Workers = workers }, TimeProvider.System);
            results.Add(await engine.QueryRangeAsync(
                source, engine.Parse(query), new(0), new(300_000), new(15_000), QueryLimits.Default, TestContext.Current.CancellationToken));
        }

        foreach (var other in results.Skip(1))
        {
            Assert.Equal(results[0].Series.Select(s => s.Labels), other.Series.Select(s => s.Labels));
            foreach (var (a, b) in results[0].Series.Zip(other.Series))
            {
                Assert.Equal(a.TimestampsMs, b.TimestampsMs);
                Assert.All(a.Values.Zip(b.Values), p => Assert.Equal(p.First, p.Second, 1e-10));
            }
        }
    }

    private static MemorySeriesSource Fill()
    {
        var source = new MemorySeriesSource();
        for (var i = 0; i < 20; i++)
        {
            foreach (var name in (string[])["x", "y_total", "h_bucket"])
            {
                var labels = LabelSet.Of(("__name__", name), ("i", i.ToString()), ("g", (i % 3).ToString()), ("le", i == 19 ? "+Inf" : i.ToString()));
                for (var t = 0; t < 120; t++)
                {
                    source.Add(labels, t * 30_000, new MemorySample((i * 3) + t, null, 0));
                }
            }
        }

        return source;
    }

    /// <summary>Has no end of series, each of which takes a moment.</summary>
    private sealed class EndlessSource : ISeriesSource, ISeriesSelection
    {
        private int _reads;
        private int _readsGivenUp;
        private volatile bool _isGivenUp;

        /// <summary>Reads that began after the query had been given up.</summary>
        public int ReadsGivenUp => _readsGivenUp;

        public (int Reads, CancellationTokenSource Source)? GiveUpAfter { get; init; }

        public int Count => int.MaxValue;

        public ISeriesSelection Select(SeriesQuery query, CancellationToken cancellationToken) => this;

        public IReadOnlyList<string> LabelNames(SeriesQuery query, CancellationToken cancellationToken) => [];

        public IReadOnlyList<string> LabelValues(string labelName, SeriesQuery query, CancellationToken cancellationToken) => [];

        public LabelSet Labels(int index) => LabelSet.Of(("__name__", "slow"), ("i", index.ToString()));

        public void Read(int index, SampleColumns destination, CancellationToken cancellationToken)
        {
            if (_isGivenUp)
            {
                Interlocked.Increment(ref _readsGivenUp);
            }
            else if (Interlocked.Increment(ref _reads) == GiveUpAfter?.Reads)
            {
                GiveUpAfter.Value.Source.Cancel();
                _isGivenUp = true;
            }

            Thread.SpinWait(2000);
            destination.Add(0, 1);
        }

        public void Dispose()
        {
        }
    }
}
