using Flyball.Traces.TraceQL;

namespace Flyball.Traces.Tests;

public sealed class LargeTraceTests : IDisposable
{
    private const int Size = 100_000;

    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_trace_of_a_hundred_thousand_spans_is_read_and_queried(bool isChain)
    {
        await using var store = await _fixture.OpenAsync();
        for (var first = 1; first <= Size; first += 10_000)
        {
            var batch = Spans.Batch("big");
            for (var i = first; i < first + 10_000; i++)
            {
                var parent = i == 1 ? 0 : isChain ? (ulong)i - 1 : 1;
                Spans.Add(batch, new SpanSpec(1, (ulong)i, parent, i == Size ? "last" : "step", (ulong)i, 1));
            }

            await store.AppendAsync(batch, Stop);
            if (first == 50_001)
            {
                store.SealNow(Stop);
            }
        }

        store.SealNow(Stop);
        Assert.Equal(Size, (await store.ReadTraceAsync(Spans.Trace(1), Stop))!.Count);
        var found = store.Search(new TraceQLSearch("{ nestedSetParent < 0 } >> { name = \"last\" }"), Stop);
        Assert.Equal((ulong)Size, Assert.Single(Assert.Single(found.Traces).Spansets).Spans[0].Id.Value);
    }

    [Fact]
    public async Task Parents_in_a_circle_do_no_harm()
    {
        await using var store = await _fixture.OpenAsync();
        await store.AppendAsync(Spans.Batch("s", new SpanSpec(1, 1, 2), new SpanSpec(1, 2, 3), new SpanSpec(1, 3, 1), new SpanSpec(1, 4, 4)), Stop);
        Assert.Empty(store.Search(new TraceQLSearch("{ nestedSetParent < 0 } >> {}"), Stop).Traces);
        Assert.Single(store.Search(new TraceQLSearch("{} >> {}"), Stop).Traces);
        Assert.Single(store.Search(new TraceQLSearch("{} << {} && { nestedSetLeft = 0 }"), Stop).Traces);
    }
}
