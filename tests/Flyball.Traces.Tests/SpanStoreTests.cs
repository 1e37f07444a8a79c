using Flyball.Model.Spans;
using Flyball.Traces.Search;

namespace Flyball.Traces.Tests;

public sealed class SpanStoreTests : IDisposable
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_span_is_found_at_once_and_after_sealing_and_after_reopening()
    {
        var batch = Spans.Batch("shop", new SpanSpec(1, 1, Attributes: [("k", "v"), ("n", 7)]), new SpanSpec(1, 2, Parent: 1, StartMs: 3));
        var expected = Spans.Describe(batch);
        await using (var store = await _fixture.OpenAsync())
        {
            var report = await store.AppendAsync(batch, Stop);
            Assert.Equal(new SpanAppendReport(2), report);
            Assert.Equal(expected, await StoreFixture.ReadAsync(store, Spans.Trace(1)));
        }

        await using (var store = await _fixture.OpenAsync())
        {
            Assert.Equal(expected, await StoreFixture.ReadAsync(store, Spans.Trace(1)));
            store.SealNow(Stop);
            Assert.Equal((0, 1), (store.Stats.HeadSpans, store.Stats.Segments));
            Assert.Equal(expected, await StoreFixture.ReadAsync(store, Spans.Trace(1)));
        }

        await using (var store = await _fixture.OpenAsync())
        {
            Assert.Equal((0, 1), (store.Stats.HeadSpans, store.Stats.Segments));
            Assert.Equal(expected, await StoreFixture.ReadAsync(store, Spans.Trace(1)));
            Assert.Null(await store.ReadTraceAsync(Spans.Trace(2), Stop));
        }
    }

    [Fact]
    public async Task Copies_of_a_span_are_one_and_the_latest_end_wins_wherever_they_lie()
    {
        _fixture.Options = _fixture.Options with { MergeFactor = 2 };
        await using var store = await _fixture.OpenAsync();
        await store.AppendAsync(Spans.Batch("a", new SpanSpec(1, 1, Name: "late", LengthMs: 50)), Stop);
        store.SealNow(Stop);
        await store.AppendAsync(Spans.Batch("a", new SpanSpec(1, 1, Name: "early", LengthMs: 20), new SpanSpec(1, 2, StartMs: 1)), Stop);
        await AssertOneAsync(store);
        store.SealNow(Stop);
        await AssertOneAsync(store);
        store.Maintain(Stop);
        Assert.Equal(1, store.Stats.Segments);
        await AssertOneAsync(store);

        static async Task AssertOneAsync(SpanStore store)
        {
            var trace = await store.ReadTraceAsync(Spans.Trace(1), Stop);
            Assert.Equal(2, trace!.Count);
            Assert.Equal("late", trace.Text(trace.Spans[0].Name));
        }
    }

    [Fact]
    public async Task Spans_of_impossible_times_are_refused_and_the_others_stay()
    {
        await using var store = await _fixture.OpenAsync();
        var batch = Spans.Batch("a", new SpanSpec(1, 1), new SpanSpec(1, 2, StartMs: 3_600_001));
        Spans.Add(batch, new SpanSpec(1, 3));
        batch.AddSpan(new SpanRow { TraceId = Spans.Trace(1), SpanId = new SpanId(9) });
        var report = await store.AppendAsync(batch, Stop);
        Assert.Equal((2, 2), (report.Stored, report.Rejected));
        Assert.Contains("future", report.Reason);
    }

    [Fact]
    public async Task Retention_deletes_whole_segments_by_age_and_by_size()
    {
        _fixture.Options = _fixture.Options with { KeepFor = TimeSpan.FromHours(2), MergeFactor = 100 };
        await using var store = await _fixture.OpenAsync();
        await store.AppendAsync(Spans.Batch("a", new SpanSpec(1, 1)), Stop);
        store.SealNow(Stop);
        _fixture.Clock.Advance(TimeSpan.FromHours(1.5));
        await store.AppendAsync(Spans.Batch("a", new SpanSpec(2, 1, StartMs: 5_400_000)), Stop);
        store.SealNow(Stop);
        _fixture.Clock.Advance(TimeSpan.FromHours(1));
        store.Maintain(Stop);
        Assert.Equal("nothing", await StoreFixture.ReadAsync(store, Spans.Trace(1)));
        Assert.NotEqual("nothing", await StoreFixture.ReadAsync(store, Spans.Trace(2)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Search_finds_by_every_condition_from_memory_and_from_disk(bool sealFirst)
    {
        await using var store = await _fixture.OpenAsync();
        await store.AppendAsync(Spans.Batch(
            "shop",
            new SpanSpec(1, 1, Name: "GET /cart", StartMs: 0, LengthMs: 100, Attributes: [("commit", "abc"), ("code", 200)]),
            new SpanSpec(1, 2, Parent: 1, Name: "db", StartMs: 10, LengthMs: 5, Status: SpanStatus.Error, Attributes: [("slow", true)])), Stop);
        await store.AppendAsync(Spans.Batch("pay", new SpanSpec(2, 1, Name: "POST /pay", StartMs: 1000, Attributes: [("r", 1.5)])), Stop);
        if (sealFirst)
        {
            store.SealNow(Stop);
        }

        await FindsAsync(store, new TraceSearch(), 2, 1);
        await FindsAsync(store, new TraceSearch { Limit = 1 }, 2);
        await FindsAsync(store, new TraceSearch { Service = "shop" }, 1);
        await FindsAsync(store, new TraceSearch { Service = "nobody" });
        await FindsAsync(store, new TraceSearch { Name = "POST /pay" }, 2);
        await FindsAsync(store, new TraceSearch { Status = SpanStatus.Error }, 1);
        await FindsAsync(store, new TraceSearch { MinDurationNs = 50_000_000 }, 1);
        await FindsAsync(store, new TraceSearch { MaxDurationNs = 7_000_000 }, 1);
        await FindsAsync(store, new TraceSearch { From = new(Spans.T0 + 500_000_000) }, 2);
        await FindsAsync(store, new TraceSearch { Until = new(Spans.T0 + 500_000_000) }, 1);
        await FindsAsync(store, With("commit", "abc"), 1);
        await FindsAsync(store, With("commit", "abd"));
        await FindsAsync(store, With("code", "200"), 1);
        await FindsAsync(store, With("slow", "true"), 1);
        await FindsAsync(store, With("r", "1.5"), 2);
        await FindsAsync(store, With("service.name", "pay"), 2);
        await FindsAsync(store, With("missing", "1"));
        await FindsAsync(store, With("commit", "abc") with { Status = SpanStatus.Error });

        var found = Assert.Single(await store.SearchAsync(With("slow", "true"), Stop));
        Assert.Equal(("shop", "GET /cart", 2, 1, 1), (found.RootService, found.RootName, found.SpanCount, found.ErrorCount, found.Matched));
        Assert.Equal((Spans.T0, 100_000_000ul), (found.Start.Value, found.DurationNs));
        Assert.Equal("db", Assert.Single(found.Spans).Name);

        static TraceSearch With(string key, string value) => new() { Attributes = [new(key, value)] };

        static async Task FindsAsync(SpanStore store, TraceSearch search, params ulong[] traces)
        {
            var found = await store.SearchAsync(search, Stop);
            Assert.Equal(traces, found.Select(t => t.TraceId.Low));
        }
    }

    [Fact]
    public async Task Full_memory_becomes_segments_in_the_background_and_nothing_is_lost()
    {
        _fixture.Options = _fixture.Options with { HeadSpans = 1000, MergeFactor = 3, SegmentSpans = 10_000 };
        const int Batches = 200;
        await using (var store = await _fixture.OpenAsync())
        {
            await Parallel.ForAsync(0, Batches, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Stop }, async (i, stop) =>
            {
                var batch = new SpanBatch();
                batch.AddResource();
                batch.AddScope(default, default);
                for (ulong s = 0; s < 50; s++)
                {
                    Spans.Add(batch, new SpanSpec((ulong)i % 40, ((ulong)i * 100) + s + 1, StartMs: (ulong)i, Attributes: [("i", $"value {i}")]));
                }

                await store.AppendAsync(batch, stop);
            });
            await CheckAsync(store);
        }

        await using var reopened = await _fixture.OpenAsync();
        await CheckAsync(reopened);

        static async Task CheckAsync(SpanStore store)
        {
            for (ulong trace = 0; trace < 40; trace++)
            {
                var spans = await store.ReadTraceAsync(Spans.Trace(trace), Stop);
                Assert.Equal(Batches / 40 * 50, spans!.Count);
            }
        }
    }
}
