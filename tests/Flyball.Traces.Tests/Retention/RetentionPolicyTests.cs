using Flyball.Model.Spans;
using Flyball.Testing;
using Flyball.Testing.Files;
using Flyball.Traces.TraceQL;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Traces.Tests.Retention;

public sealed class RetentionPolicyTests : IDisposable
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    // Trace 1 is healthy, trace 2 has an error in its second part, trace 3 is a health check.
    [Theory]
    [InlineData(0.5, "1 2 3")]
    [InlineData(2, "1 2")]
    [InlineData(9, "1 2")]
    [InlineData(11, "2")]
    [InlineData(89, "2")]
    [InlineData(91, "")]
    public async Task Traces_stay_for_the_time_of_the_first_rule_that_matches_them(double days, string left)
    {
        _fixture.Options = WithRules(_fixture.Options);
        await using var store = await _fixture.OpenAsync();
        await FillAsync(store);
        _fixture.Clock.Advance(TimeSpan.FromDays(days));
        store.Maintain(Stop);
        Assert.Equal(left, await TracesAsync(store));
        var segments = store.Stats;
        store.Maintain(Stop);
        Assert.Equal(segments, store.Stats);
    }

    [Fact]
    public async Task What_stays_is_whole_and_is_written_once_per_border()
    {
        _fixture.Options = WithRules(_fixture.Options) with { MergeFactor = 100 };
        await using var store = await _fixture.OpenAsync();
        await FillAsync(store);
        var before = await StoreFixture.ReadAsync(store, Spans.Trace(2));
        _fixture.Clock.Advance(TimeSpan.FromDays(11));
        store.Maintain(Stop);
        Assert.Equal(before, await StoreFixture.ReadAsync(store, Spans.Trace(2)));
        Assert.Equal(2, store.Stats.Spans);
        var files = Directory.GetFiles(Path.Combine(_fixture.Options.Directory, "segments")).Order().ToArray();
        store.Maintain(Stop);
        Assert.Equal(files, Directory.GetFiles(Path.Combine(_fixture.Options.Directory, "segments")).Order());
        Assert.Equal(2, store.Search(new TraceQLSearch("{ .t = \"x\" }"), Stop).Traces.Single().Spansets[0].Matched);
    }

    [Fact]
    public async Task A_change_of_the_rules_is_applied_to_what_is_there()
    {
        _fixture.Options = WithRules(_fixture.Options);
        await using (var store = await _fixture.OpenAsync())
        {
            await FillAsync(store);
            _fixture.Clock.Advance(TimeSpan.FromDays(11));
            store.Maintain(Stop);
        }

        _fixture.Options = _fixture.Options with { KeepRules = [] };
        await using var again = await _fixture.OpenAsync();
        again.Maintain(Stop);
        Assert.Equal("", await TracesAsync(again));
    }

    [Fact]
    public async Task A_rule_that_is_no_search_is_refused_at_start()
    {
        _fixture.Options = _fixture.Options with { KeepRules = [new KeepRule("{} | rate()", TimeSpan.FromDays(1))] };
        await Assert.ThrowsAsync<TraceQLException>(() => _fixture.OpenAsync());
    }

    [Fact]
    public async Task A_crash_at_any_write_keeps_what_the_rules_keep_and_nothing_twice()
    {
        long operations = 0;
        for (long n = 0; n == 0 || n <= operations; n++)
        {
            var disk = new FaultyFileSystem();
            var clock = new TestClock();
            var store = await OpenAsync(disk, clock);
            await FillAsync(store);
            clock.Advance(TimeSpan.FromDays(11));
            var start = disk.Operations;
            if (n > 0)
            {
                disk.CrashAtOperation(n);
            }

            await MaintainAndCloseAsync(store);

            operations = n == 0 ? disk.Operations - start : operations;
            disk.Restart(powerLost: false);
            await using var again = await OpenAsync(disk, clock);
            Assert.Equal(2, (await again.ReadTraceAsync(Spans.Trace(2), Stop))!.Count);
            again.Maintain(Stop);
            Assert.Equal("2", await TracesAsync(again));
            Assert.Equal(2, again.Stats.Spans);
        }

        Assert.InRange(operations, 5, 500);
    }

    private static SpanStoreOptions WithRules(SpanStoreOptions options) => options with
    {
        KeepFor = TimeSpan.FromDays(10),
        MaintenanceInterval = TimeSpan.FromDays(1000),
        KeepRules = [new("{ status = error }", TimeSpan.FromDays(90)), new("{ name = \"healthz\" } | count() = 1", TimeSpan.FromDays(1))],
    };

    private static Task<SpanStore> OpenAsync(FaultyFileSystem disk, TestClock clock)
    {
        disk.CreateDirectory("/data");
        disk.SyncDirectory("/");
        var options = WithRules(new SpanStoreOptions { Directory = "/data/traces", MergeFactor = 100 });
        return SpanStore.OpenAsync(options, disk, clock, NullLoggerFactory.Instance, Stop);
    }

    private static async Task MaintainAndCloseAsync(SpanStore store)
    {
        try
        {
            store.Maintain(Stop);
        }
        catch (Exception e) when (e is IOException or SimulatedCrashException)
        {
            // The crash the test is about.
        }

        try
        {
            await store.DisposeAsync();
        }
        catch (Exception e) when (e is IOException or SimulatedCrashException)
        {
            // A dead disk cannot be closed either.
        }
    }

    private static async Task FillAsync(SpanStore store)
    {
        await store.AppendAsync(Spans.Batch(
            "s",
            new SpanSpec(1, 1, Attributes: [("t", "gone")]),
            new SpanSpec(2, 1, Attributes: [("t", "x")]),
            new SpanSpec(3, 1, 0, "healthz")), Stop);
        store.SealNow(Stop);
        await store.AppendAsync(Spans.Batch(
            "s", new SpanSpec(1, 2, 1), new SpanSpec(2, 2, 1, Status: SpanStatus.Error, Attributes: [("t", "x")])), Stop);
        store.SealNow(Stop);
    }

    private static async Task<string> TracesAsync(SpanStore store)
    {
        var found = new List<ulong>();
        for (ulong trace = 1; trace <= 3; trace++)
        {
            if (await store.ReadTraceAsync(Spans.Trace(trace), Stop) is not null)
            {
                found.Add(trace);
            }
        }

        return string.Join(' ', found);
    }
}
