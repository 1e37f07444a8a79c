using Flyball.Model.Spans;
using Flyball.Traces.TraceQL;
using Flyball.Traces.TraceQL.Metrics;

namespace Flyball.Traces.Tests.TraceQL;

public sealed class MetricsTests : IDisposable
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    // Slots of 10 s stamped 0, 10, 20, 30 s after the start. Starts: a at 1 s, 2 s and 10 s; b at 11 s and 30 s.
    [Theory]
    [InlineData("{} | count_over_time()", "__name__=count_over_time: 0 3 1 1")]
    [InlineData("{} | rate()", "__name__=rate: 0 0.3 0.1 0.1")]
    [InlineData("{ name = \"a\" } | count_over_time()", "__name__=count_over_time: 0 3 0 0")]
    [InlineData("{} | count_over_time() by (name)", "name=a: 0 3 0 0; name=b: 0 0 1 1")]
    [InlineData("{} | count_over_time() by (span:name)", "name=a: 0 3 0 0; name=b: 0 0 1 1")]
    [InlineData("{} | count_over_time() by (resource.service.name, .n)", "resource.service.name=s: 0 0 1 1; resource.service.name=s,.n=1: 0 1 0 0; resource.service.name=s,.n=2: 0 1 0 0; resource.service.name=s,.n=4: 0 1 0 0")]
    [InlineData("{} | count_over_time() by (.n)", ".n=1: 0 1 0 0; .n=2: 0 1 0 0; .n=4: 0 1 0 0; .n=nil: 0 0 1 1")]
    [InlineData("{} | sum_over_time(.n)", "__name__=sum_over_time: - 7 - -")]
    [InlineData("{} | max_over_time(.n)", "__name__=max_over_time: - 4 - -")]
    [InlineData("{} | min_over_time(duration)", "__name__=min_over_time: - 1 3 3")]
    [InlineData("{} | avg_over_time(duration)", "__name__=avg_over_time: - 2 3 3")]
    [InlineData("{ name = \"b\" } | quantile_over_time(.m, 0.5, 1)", "__name__=quantile_over_time,p=0.5: - - 8 16; __name__=quantile_over_time,p=1: - - 8 16")]
    [InlineData("{ name = \"b\" } | histogram_over_time(.m)", "__name__=histogram_over_time,__bucket=16: - - - 1; __name__=histogram_over_time,__bucket=8: - - 1 -")]
    [InlineData("{} | count_over_time() by (name) | topk(1)", "name=a: 0 3 - -; name=b: - - 1 1")]
    [InlineData("{} | count_over_time() > 1", "__name__=count_over_time: - 3 - -")]
    [InlineData("({ name = \"a\" } | count_over_time()) / ({} | count_over_time()) * 100", "__name__=((count_over_time / count_over_time)): - 100 0 0")]
    [InlineData("({} | count_over_time() by (name)) / ({} | count_over_time())", "__name__=( / count_over_time),name=a: - 1 0 0; __name__=( / count_over_time),name=b: - 0 1 1")]
    [InlineData("{ name = \"a\" } && { name = \"b\" } | count_over_time()", "")]
    [InlineData("{ nestedSetParent < 0 } | count_over_time()", "__name__=count_over_time: 0 3 1 1")]
    [InlineData("{} | count_over_time() by (name) | bottomk(1)", "name=a: 0 - 0 0; name=b: - 0 - -")]
    [InlineData("{} | count_over_time() by (kind)", "kind=internal: 0 3 1 1")]
    [InlineData("(({} | count_over_time()) + ({} | count_over_time())) - 1", "__name__=(count_over_time + count_over_time): -1 5 1 1")]
    public async Task Functions_give_their_values_per_slot(string query, string expected)
    {
        await using var store = await _fixture.OpenAsync();
        await store.AppendAsync(Spans.Batch(
            "s",
            new SpanSpec(1, 1, 0, "a", 1000, 1000, Attributes: [("n", 1)]),
            new SpanSpec(2, 1, 0, "a", 2000, 2000, Attributes: [("n", 2)]),
            new SpanSpec(3, 1, 0, "a", 10_000, 3000, Attributes: [("n", 4)])), Stop);
        store.SealNow(Stop);
        var second = Spans.Batch("s", new SpanSpec(4, 1, 0, "b", 11_000, 3000, Attributes: [("m", 8)]), new SpanSpec(5, 1, 0, "b", 30_000, 3000, Attributes: [("m", 9)]));
        await store.AppendAsync(second, Stop);
        await store.AppendAsync(second, Stop);
        var slots = TimeSlots.Of(Spans.T0, Spans.T0 + 30_000_000_000, 10_000_000_000);
        using var view = store.View();
        var series = new MetricsExecutor(view, slots).Run(Parser.Parse(query), Stop);
        var text = string.Join("; ", series.Select(s =>
            string.Join(',', s.Labels.Select(l => $"{l.Key}={l.Value}")) + ": "
            + string.Join(' ', s.Values.Select(v => double.IsNaN(v) ? "-" : Math.Round(v, 6).ToString()))));
        Assert.Equal(expected.Replace("((count_over_time / count_over_time))", "(count_over_time / count_over_time)", StringComparison.Ordinal), text);
    }

    [Fact]
    public async Task Compare_counts_values_on_selected_spans_and_on_the_others()
    {
        await using var store = await _fixture.OpenAsync();
        await store.AppendAsync(Spans.Batch(
            "s",
            new SpanSpec(1, 1, 0, "a", 1000, Status: SpanStatus.Error, Attributes: [("n", 1)]),
            new SpanSpec(2, 1, 0, "a", 2000, Attributes: [("n", 2)]),
            new SpanSpec(3, 1, 0, "b", 11_000, Attributes: [("n", 3)])), Stop);
        var lines = Run(store, "{} | compare({ status = error }, 1)").Split("; ");
        Assert.Contains("__meta_type=selection,name=a: 0 1 0", lines);
        Assert.Contains("__meta_type=baseline,name=a: 0 1 0", lines);
        Assert.Contains("__meta_type=baseline,__meta_error=__too_many_values__,span.n=nil: 0 1 1", lines);
        Assert.Contains("__meta_type=baseline_total,span.n=nil: 0 1 1", lines);
        Assert.Contains("__meta_type=selection_total,resource.service.name=nil: 0 1 0", lines);
        Assert.Contains("__meta_type=selection,status=error: 0 1 0", lines);
        var outside = Run(store, $"{{}} | compare({{ status = error }}, 10, {Spans.T0 + 2_000_000_000}, {Spans.T0 + 3_000_000_000})");
        Assert.DoesNotContain("__meta_type=selection", outside);
    }

    [Theory]
    [InlineData("{} | rate()", 3, "NaN NaN")]
    [InlineData("{} | rate() with(exemplars=false)", 3, "")]
    [InlineData("{} | rate() with(exemplars=1)", 0, "NaN")]
    [InlineData("{} | max_over_time(duration)", 3, "0.01 0.03")]
    [InlineData("{} | quantile_over_time(duration, 0.5, 1) with(exemplars=true)", 0, "0.01")]
    [InlineData("{} | histogram_over_time(duration)", 9, "0.01 0.03")]
    public async Task Exemplars_name_spans_that_stand_for_a_series(string query, int standard, string expected)
    {
        await using var store = await _fixture.OpenAsync();
        await store.AppendAsync(Spans.Batch(
            "s", new SpanSpec(1, 1, 0, "a", 1000, 10, Attributes: [("k", "v")]), new SpanSpec(2, 7, 0, "a", 11_000, 30)), Stop);
        using var view = store.View();
        var slots = TimeSlots.Of(Spans.T0, Spans.T0 + 20_000_000_000, 10_000_000_000);
        var exemplars = new MetricsExecutor(view, slots, standard).Run(Parser.Parse(query), Stop).SelectMany(s => s.Exemplars).OrderBy(e => e.StartNs).ToList();
        Assert.Equal(expected, string.Join(' ', exemplars.Select(e => e.Value.ToString(System.Globalization.CultureInfo.InvariantCulture))));
        if (exemplars.Count == 2)
        {
            Assert.Contains(exemplars[0].Labels, l => l is { Key: "trace:id" } && l.Value.Text == Spans.Trace(1).ToString());
            Assert.Contains(exemplars[0].Labels, l => l is { Key: "span.k" } && l.Value.Text == "v");
            Assert.Contains(exemplars[1].Labels, l => l is { Key: "span:id" } && l.Value.Text == "0000000000000007");
        }
    }

    private static string Run(SpanStore store, string query)
    {
        using var view = store.View();
        var slots = TimeSlots.Of(Spans.T0, Spans.T0 + 20_000_000_000, 10_000_000_000);
        return string.Join("; ", new MetricsExecutor(view, slots).Run(Parser.Parse(query), Stop).Select(s =>
            string.Join(',', s.Labels.Select(l => $"{l.Key}={l.Value}")) + ": " + string.Join(' ', s.Values)));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(10, 1)]
    [InlineData(11, 2)]
    [InlineData(30, 3)]
    [InlineData(31, -1)]
    public void Slots_are_closed_on_the_right(ulong seconds, int slot)
    {
        var slots = TimeSlots.Of(Spans.T0, Spans.T0 + 30_000_000_000, 10_000_000_000);
        Assert.Equal((4, slot), (slots.Count, slots.SlotOf(Spans.T0 + (seconds * 1_000_000_000))));
    }

    [Fact]
    public void Too_many_steps_are_refused() =>
        Assert.Throws<TraceQLException>(() => TimeSlots.Of(0, 1_000_000_000_000, 1000));
}
