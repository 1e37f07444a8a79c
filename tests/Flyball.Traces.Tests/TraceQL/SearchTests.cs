using Flyball.Model.Spans;
using Flyball.Traces.TraceQL;

namespace Flyball.Traces.Tests.TraceQL;

public sealed class SearchTests : IDisposable
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    // Trace 1: 1 root ─ 2 ─ 4 (error), 1 ─ 3 ─ 5;  trace 2: 1 root ─ 2;  trace 3: a span whose parent never came.
    [Theory]
    [InlineData("{}", "3:9 2:1,2 1:1,2,3,4,5")]
    [InlineData("{ name = \"db\" }", "1:4")]
    [InlineData("{ \"db\" = name }", "1:4")]
    [InlineData("{ name != \"db\" && .n > 1 }", "1:2,3")]
    [InlineData("{ .n >= 2.5 }", "1:3")]
    [InlineData("{ .n = 2 || .n = 3 }", "1:2,3")]
    [InlineData("{ span.t = \"a\" }", "1:2 ")]
    [InlineData("{ resource.t = \"a\" }", "")]
    [InlineData("{ .service.name = \"pay\" }", "2:1,2")]
    [InlineData("{ resource.service.name =~ \"p.y\" }", "2:1,2")]
    [InlineData("{ .t != \"a\" }", "1:3")]
    [InlineData("{ .t = nil && name =~ \"w.*\" }", "3:9 2:2 1:1,5")]
    [InlineData("{ .t !~ \"b\" }", "1:2")]
    [InlineData("{ .flag }", "1:4")]
    [InlineData("{ !.flag }", "1:5")]
    [InlineData("{ status = error }", "1:4")]
    [InlineData("{ kind = server }", "2:1 1:1")]
    [InlineData("{ duration > 50ms }", "1:1")]
    [InlineData("{ traceDuration > 50ms }", "1:1,2,3,4,5")]
    [InlineData("{ rootName = \"pay\" }", "2:1,2")]
    [InlineData("{ rootServiceName = \"shop\" && name = \"db\" }", "1:4")]
    [InlineData("{ nestedSetParent < 0 }", "2:1 1:1")]
    [InlineData("{ span:childCount = 2 }", "1:1")]
    [InlineData("{ span:parentID = \"0000000000000001\" }", "2:2 1:2,3")]
    [InlineData("{ trace:id = \"01020304050607080000000000000002\" }", "2:1,2")]
    [InlineData("{ .n * 2 + 1 = 5 }", "1:2")]
    [InlineData("{ .n - 1 > 1 }", "1:3")]
    [InlineData("{ .n } > { name = \"db\" }", "")]
    [InlineData("{ .n > 0 } > { name = \"db\" }", "1:4")]
    [InlineData("{ kind = server } >> { name = \"db\" }", "1:4")]
    [InlineData("{ name = \"db\" } << { kind = server }", "1:1")]
    [InlineData("{ name = \"db\" } < { .n = 2 }", "1:2")]
    [InlineData("{ .n = 2 } ~ { .n = 3 }", "1:3")]
    [InlineData("{ .n = 2 } ~ { .n = 2 }", "")]
    [InlineData("{ .n > 0 } !> { name != \"x\" }", "3:9 2:1,2 1:1,2,3")]
    [InlineData("{ .n = 2 } &> { name = \"db\" }", "1:2,4")]
    [InlineData("{ .n = 2 } && { name = \"db\" }", "1:2,4")]
    [InlineData("{ .n = 2 } && { name = \"none\" }", "")]
    [InlineData("{ .n = 2 } || { name = \"pay\" }", "2:1 1:2")]
    [InlineData("{ .n > 0 } | count() > 1", "1:2,3")]
    [InlineData("{ } | count() > 4", "1:1,2,3,4,5")]
    [InlineData("{ .n > 0 } | avg(.n) = 2.5", "1:2,3")]
    [InlineData("{ } | max(duration) > 50ms", "1:1,2,3,4,5")]
    [InlineData("{ } | sum(.n) = 5", "1:1,2,3,4,5")]
    [InlineData("{ .n > 0 } | by(.t) | count() = 1", "1:2|3")]
    [InlineData("{ .n > 0 } | by(.t) | coalesce() | count() = 2", "1:2,3")]
    [InlineData("({ .n > 0 } | count() > 1) >> { name = \"db\" }", "1:4")]
    [InlineData("{ .n > 0 } | { .t = \"a\" }", "1:2")]
    [InlineData("{ event:name = \"boom\" }", "1:4")]
    [InlineData("{ event.why = \"disk\" }", "1:4")]
    [InlineData("{ event:timeSinceStart > 1ms }", "1:4")]
    [InlineData("{ instrumentation:name = \"lib\" && .n = 2 }", "1:2")]
    [InlineData("{ .list = \"x\" }", "1:5")]
    [InlineData("{ .list = \"y\" }", "1:5")]
    [InlineData("{ .list != \"x\" }", "")]
    [InlineData("{ .list != \"z\" }", "1:5")]
    public async Task A_query_finds_the_same_in_memory_on_disk_and_across_both(string query, string expected)
    {
        await using var store = await _fixture.OpenAsync();
        await FillAsync(store, half: 0);
        await FillAsync(store, half: 1);
        Assert.Equal(expected.Trim(), Run(store, query));
        store.SealNow(Stop);
        Assert.Equal(expected.Trim(), Run(store, query));
    }

    [Fact]
    public async Task Traces_split_over_segments_and_memory_are_seen_whole()
    {
        await using var store = await _fixture.OpenAsync();
        await FillAsync(store, half: 0);
        store.SealNow(Stop);
        await FillAsync(store, half: 1);
        Assert.Equal("1:4", Run(store, "{ kind = server } >> { name = \"db\" }"));
        Assert.Equal("1:1,2,3,4,5", Run(store, "{} | count() > 4"));
        store.SealNow(Stop);
        Assert.Equal("1:4", Run(store, "{ kind = server } >> { name = \"db\" }"));
    }

    [Fact]
    public async Task Division_of_integers_by_zero_fails_the_query()
    {
        await using var store = await _fixture.OpenAsync();
        await FillAsync(store, half: 0);
        Assert.Throws<TraceQLException>(() => store.Search(new TraceQLSearch("{ .n / 0 = 1 }"), Stop));
    }

    [Fact]
    public async Task The_newest_traces_come_first_and_the_limit_holds()
    {
        await using var store = await _fixture.OpenAsync();
        for (ulong i = 1; i <= 50; i++)
        {
            await store.AppendAsync(Spans.Batch("s", new SpanSpec(i, 1, StartMs: i * 7 % 50)), Stop);
            if (i % 10 == 0)
            {
                store.SealNow(Stop);
            }
        }

        var found = store.Search(new TraceQLSearch("{}") { Limit = 5 }, Stop);
        Assert.Equal([49UL, 48, 47, 46, 45], found.Traces.Select(t => (t.StartNs - Spans.T0) / 1_000_000));
        var window = new TraceQLSearch("{}") { From = new(Spans.T0 + 10_000_000), Until = new(Spans.T0 + 12_000_000) };
        Assert.Equal(3, store.Search(window, Stop).Traces.Count);
    }

    private static string Run(SpanStore store, string query)
    {
        var answer = store.Search(new TraceQLSearch(query) { SpansPerSpanset = 100 }, Stop);
        return string.Join(' ', answer.Traces.Select(t =>
            $"{t.Id.Low}:" + string.Join('|', t.Spansets.Select(s => string.Join(',', s.Spans.Select(x => x.Id.Value).Order())))));
    }

    private static async Task FillAsync(SpanStore store, int half)
    {
        if (half == 0)
        {
            await store.AppendAsync(Spans.Batch(
                "shop",
                new SpanSpec(1, 2, 1, "work", 5, 10, Attributes: [("n", 2), ("t", "a")]),
                new SpanSpec(1, 3, 1, "work", 6, 10, Attributes: [("n", 3), ("t", "b")])), Stop);
            return;
        }

        var batch = Spans.Batch("shop", new SpanSpec(1, 1, 0, "work", 0, 100, SpanKind.Server));
        Spans.Add(batch, new SpanSpec(1, 4, 2, "db", 7, 5, Status: SpanStatus.Error, Attributes: [("flag", true)]));
        batch.AddEvent(new(Spans.T0 + 9_000_000), batch.Store("boom"));
        batch.AddAttribute(AttributeOwner.Event, "why", "disk");
        Spans.Add(batch, new SpanSpec(1, 5, 3, "work", 8, 5, Attributes: [("flag", false)]));
        byte[] list = [0x0A, 3, 0x0A, 1, (byte)'x', 0x0A, 3, 0x0A, 1, (byte)'y'];
        batch.AddAttribute(AttributeOwner.Span, batch.Store("list"), AttributeValue.OfBytes(AttributeKind.Array, batch.Store(list)));
        await store.AppendAsync(batch, Stop);
        await store.AppendAsync(Spans.Batch(
            "pay", new SpanSpec(2, 1, 0, "pay", 1000, 20, SpanKind.Server), new SpanSpec(2, 2, 1, "work", 1005, 5)), Stop);
        await store.AppendAsync(Spans.Batch("late", new SpanSpec(3, 9, 77, "work", 2000, 5)), Stop);
    }
}
