using Flyball.Model.Labels;
using Flyball.PromQL.Explaining;
using Flyball.PromQL.Testing;

namespace Flyball.PromQL.Tests.Explaining;

/// <summary>What is told about a query's plan, and that telling it changes nothing.</summary>
public sealed class ExplainTests
{
    private const int Series = 12;
    private const int Steps = 11;

    private static readonly MemorySeriesSource Source = Fill();

    [Fact]
    public async Task Every_part_tells_its_series_samples_and_steps()
    {
        var sum = await ExplainAsync("sum by (job) (rate(http_requests_total[2m])) / 2");
        Assert.Equal("/", sum.Operator);
        var aggregation = Assert.Single(sum.Children);
        Assert.Equal(("sum by (job)", 2L), (aggregation.Operator.Trim(), aggregation.SeriesOut));
        var rate = Assert.Single(aggregation.Children);
        Assert.Equal(("rate", "rate(http_requests_total[2m])"), (rate.Operator, rate.Expression));
        Assert.Equal((Series, Series, Series), (rate.SeriesSelected, rate.SeriesIn, rate.SeriesOut));
        Assert.Equal(aggregation.SeriesIn, rate.SeriesOut);
        Assert.Equal(Steps, rate.Steps);

        // Windows (t-2m, t] over samples every 30 s: four each, the first ones fewer.
        Assert.InRange(rate.SamplesTouched, Series * 4 * (Steps - 2), Series * 4 * Steps);
        Assert.InRange(rate.SamplesRead, Series * 20, Series * 24);
        Assert.Equal(0, aggregation.SamplesRead + sum.SamplesRead);
    }

    [Fact]
    public async Task Times_of_the_parts_add_up_to_the_whole()
    {
        var plan = await ExplainAsync("topk(2, sum by (job) (rate(http_requests_total[2m]))) + on (job) max_over_time(sum by (job) (http_requests_total)[5m:30s])");
        var all = Flat(plan).ToList();
        Assert.Equal(plan.Inclusive.Ticks, all.Sum(p => p.Exclusive.Ticks));
        Assert.All(all, p => Assert.True(p.Exclusive >= p.Source && p.Inclusive >= p.Exclusive, p.ToString()));
        Assert.All(all.Where(p => p.SeriesSelected > 0), p => Assert.True(p.Source > TimeSpan.Zero, p.ToString()));
        Assert.Contains(all, p => p.Operator == "max_over_time" && p.Children[0].Steps > Steps);
    }

    [Theory]
    [InlineData("sum by (job) (rate(http_requests_total[2m]))")]
    [InlineData("http_requests_total{job=\"a\"} and on (i) http_requests_total{job=\"b\"} or vector(1)")]
    [InlineData("scalar(sum(http_requests_total)) * time()")]
    [InlineData("topk(3, http_requests_total @ 120)")]
    [InlineData("quantile_over_time(0.5, sum(http_requests_total)[3m:20s])")]
    [InlineData("count_values(\"v\", http_requests_total)")]
    [InlineData("absent(nothing)")]
    [InlineData("label_replace(http_requests_total, \"x\", \"$1\", \"job\", \"(.)\")")]
    public async Task An_explained_query_has_the_answer_of_the_same_query(string query)
    {
        var plain = await RunAsync(query, QueryInspection.None);
        var explained = await RunAsync(query, QueryInspection.Plan | QueryInspection.SamplesPerStep);
        Assert.Null(plain.Plan);
        Assert.Null(plain.Statistics.QueryablePerStep);
        Assert.NotNull(explained.Plan);
        Assert.Equal(plain.Infos, explained.Infos);
        Assert.Equal(plain.Warnings, explained.Warnings);
        Assert.Equal(plain.Series.Select(s => s.Labels), explained.Series.Select(s => s.Labels));
        Assert.All(plain.Series.Zip(explained.Series), p => Assert.Equal(p.First.Values, p.Second.Values));
        Assert.Equal(plain.Statistics.QueryableSamples, explained.Statistics.QueryableSamples);
        Assert.Equal(explained.Statistics.QueryableSamples, explained.Statistics.QueryablePerStep!.Sum(s => s.Samples));
        Assert.Equal(plain.Statistics.SamplesRead, Flat(explained.Plan).Sum(p => p.SamplesRead));
        Assert.Equal(plain.Statistics.SeriesSelected, Flat(explained.Plan).Sum(p => p.SeriesSelected));
    }

    [Theory]
    [InlineData("htp_requests_total", "no metric \"htp_requests_total\" in this range of time; did you mean \"http_requests_total\"?")]
    [InlineData("unlike_anything", "no metric \"unlike_anything\" in this range of time")]
    [InlineData("http_requests_total{jbo=\"a\"}", "no series of \"http_requests_total\" has a label \"jbo\" in this range of time; did you mean \"job\"?")]
    [InlineData("http_requests_total{job=\"ab\"}", "no series of \"http_requests_total\" has job=\"ab\" in this range of time; did you mean \"a\"?")]
    [InlineData("{jobs=\"a\"}", "no series has a label \"jobs\" in this range of time; did you mean \"job\"?")]
    [InlineData("http_requests_total{job=\"a\", i=\"1\"}", null)]
    [InlineData("rate(http_request_total[5m])", "no metric \"http_request_total\" in this range of time; did you mean \"http_requests_total\"?")]
    public async Task A_selector_that_finds_nothing_names_what_may_have_been_meant(string query, string? suggestion)
    {
        var result = await RunAsync(query, QueryInspection.Plan);
        Assert.Equal(suggestion, result.Plan!.Suggestion);
        Assert.Empty(result.Series);
        Assert.DoesNotContain(result.Infos.Concat(result.Warnings), note => note.Contains("did you mean", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(3000)]
    [InlineData(20)]
    public async Task The_tree_of_a_very_long_query_stays_small(int terms)
    {
        var plan = await ExplainAsync(string.Join(" + ", Enumerable.Repeat("sum(http_requests_total)", terms)));
        Assert.InRange(Flat(plan).Count(), 20, 500);
        Assert.InRange(plan.Expression.Length, 1, 201);
    }

    [Theory]
    [InlineData("http_requests_total", new long[] { 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12 })]
    [InlineData("http_requests_total @ 60", new long[] { 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12 })]
    [InlineData("sum_over_time(http_requests_total{i=\"0\"}[1m])", new long[] { 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2 })]
    [InlineData("1", new long[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    public async Task Samples_are_counted_for_each_step(string query, long[] expected)
    {
        var result = await RunAsync(query, QueryInspection.SamplesPerStep);
        Assert.Equal(expected, result.Statistics.QueryablePerStep!.Select(s => s.Samples));
        Assert.Equal(Enumerable.Range(0, Steps).Select(i => i * 60_000L), result.Statistics.QueryablePerStep!.Select(s => s.At.Value));
    }

    private static async Task<ExplainedPart> ExplainAsync(string query)
    {
        var plan = (await RunAsync(query, QueryInspection.Plan)).Plan;
        Assert.NotNull(plan);
        return plan;
    }

    private static async Task<QueryResult> RunAsync(string query, QueryInspection inspection)
    {
        var engine = new PromQLEngine(new PromQLOptions(), TimeProvider.System);
        return await engine.QueryRangeAsync(
            Source, engine.Parse(query), new(0), new((Steps - 1) * 60_000), new(60_000), QueryLimits.Default, inspection, TestContext.Current.CancellationToken);
    }

    private static IEnumerable<ExplainedPart> Flat(ExplainedPart part) => part.Children.SelectMany(Flat).Prepend(part);

    private static MemorySeriesSource Fill()
    {
        var source = new MemorySeriesSource();
        for (var i = 0; i < Series; i++)
        {
            var labels = LabelSet.Of(("__name__", "http_requests_total"), ("i", i.ToString()), ("job", i % 2 == 0 ? "a" : "b"));
            for (var t = 0; t <= 20; t++)
            {
                source.Add(labels, t * 30_000, new MemorySample(i + (t * 3), null, 0));
            }
        }

        return source;
    }
}
