using Flyball.Durable.Log;
using Flyball.Testing;
using Flyball.Testing.Files;
using Flyball.Traces.TraceQL;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Traces.Tests;

public class CrashTests
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(WalSync.Interval, false)]
    [InlineData(WalSync.Always, false)]
    [InlineData(WalSync.Always, true)]
    public async Task A_crash_at_any_write_loses_nothing_that_was_acknowledged(WalSync sync, bool powerLost)
    {
        var reference = new FaultyFileSystem();
        await StoryAsync(reference, sync, []);
        var operations = reference.Operations;
        Assert.InRange(operations, 30, 2000);
        for (long n = 1; n <= operations; n++)
        {
            var disk = new FaultyFileSystem();
            disk.CrashAtOperation(n);
            var acknowledged = new List<ulong>();
            try
            {
                await StoryAsync(disk, sync, acknowledged);
            }
            catch (Exception e) when (e is IOException or SimulatedCrashException or ObjectDisposedException)
            {
            }

            disk.Restart(powerLost);
            await using var store = await OpenAsync(disk, sync);
            await CheckAsync(store, acknowledged, $"after a crash at operation {n} of {operations}");
        }
    }

    [Theory]
    [InlineData(WalSync.Interval, false)]
    [InlineData(WalSync.Always, true)]
    public async Task A_crash_at_any_write_leaves_each_copied_span_once_and_never_older_than_acknowledged(WalSync sync, bool powerLost)
    {
        var reference = new FaultyFileSystem();
        await CopiesAsync(reference, sync, []);
        for (long n = 1; n <= reference.Operations; n++)
        {
            var disk = new FaultyFileSystem();
            disk.CrashAtOperation(n);
            var ends = new Dictionary<ulong, ulong>();
            try
            {
                await CopiesAsync(disk, sync, ends);
            }
            catch (Exception e) when (e is IOException or SimulatedCrashException or ObjectDisposedException)
            {
            }

            disk.Restart(powerLost);
            await using var store = await OpenAsync(disk, sync);
            var trace = await store.ReadTraceAsync(Spans.Trace(1), Stop);
            var found = trace is null ? [] : trace.Spans.ToArray().ToDictionary(s => s.SpanId.Value, s => (s.End.Value - s.Start.Value) / 1_000_000);
            Assert.All(ends, e => Assert.True(found.GetValueOrDefault(e.Key) >= e.Value, $"after a crash at operation {n}: span {e.Key} ends at {found.GetValueOrDefault(e.Key)}, {e.Value} was acknowledged"));
            store.SealNow(Stop);
            store.Maintain(Stop);
            var spansLeft = store.Search(new TraceQLSearch("{}"), Stop).Traces.Sum(t => t.Spansets[0].Matched);
            Assert.Equal(found.Count, spansLeft);
        }
    }

    [Fact]
    public async Task A_full_disk_refuses_spans_and_takes_them_again_when_there_is_room()
    {
        var disk = new FaultyFileSystem();
        await using var store = await OpenAsync(disk, WalSync.Interval);
        await store.AppendAsync(Spans.Batch("a", new SpanSpec(1, 1)), Stop);
        disk.ReadOnly = true;
        await Assert.ThrowsAnyAsync<IOException>(async () => await store.AppendAsync(Spans.Batch("a", new SpanSpec(1, 2)), Stop));
        Assert.ThrowsAny<IOException>(() => store.SealNow(Stop));
        Assert.Equal(1, (await store.ReadTraceAsync(Spans.Trace(1), Stop))!.Count);
        disk.ReadOnly = false;
        await store.AppendAsync(Spans.Batch("a", new SpanSpec(1, 3)), Stop);
        store.SealNow(Stop);
        store.SealNow(Stop);
        Assert.Equal(2, (await store.ReadTraceAsync(Spans.Trace(1), Stop))!.Count);
        Assert.Equal(0, store.Stats.HeadSpans);
    }

    private static Task<SpanStore> OpenAsync(FaultyFileSystem disk, WalSync sync)
    {
        disk.CreateDirectory("/data");
        disk.SyncDirectory("/");
        var options = new SpanStoreOptions { Directory = "/data/traces", Sync = sync, MergeFactor = 2 };
        return SpanStore.OpenAsync(options, disk, new TestClock(), NullLoggerFactory.Instance, Stop);
    }

    // Appends, seals, appends, seals, merges, appends: every kind of write the store knows.
    private static async Task StoryAsync(FaultyFileSystem disk, WalSync sync, List<ulong> acknowledged)
    {
        var store = await OpenAsync(disk, sync);
        try
        {
            for (ulong round = 0; round < 3; round++)
            {
                for (ulong i = 1; i <= 3; i++)
                {
                    var id = (round * 10) + i;
                    await store.AppendAsync(Spans.Batch("s", new SpanSpec(id % 4, id, StartMs: id)), Stop);
                    acknowledged.Add(id);
                }

                store.SealNow(Stop);
                store.Maintain(Stop);
            }

            await store.AppendAsync(Spans.Batch("s", new SpanSpec(1, 99)), Stop);
            acknowledged.Add(99);
        }
        finally
        {
            try
            {
                await store.DisposeAsync();
            }
            catch (Exception e) when (e is IOException or SimulatedCrashException)
            {
                // A dead disk cannot be closed either.
            }
        }
    }

    // Each of three spans is sent in several states, late ones too: sealed, merged, in memory.
    private static async Task CopiesAsync(FaultyFileSystem disk, WalSync sync, Dictionary<ulong, ulong> ends)
    {
        var store = await OpenAsync(disk, sync);
        try
        {
            foreach (var (id, length) in ((ulong, ulong)[])[(1, 5), (2, 50), (1, 20), (3, 7), (2, 10), (1, 9), (3, 70), (1, 30)])
            {
                await store.AppendAsync(Spans.Batch("s", new SpanSpec(1, id, LengthMs: length)), Stop);
                ends[id] = Math.Max(length, ends.GetValueOrDefault(id));
                if (length != 10)
                {
                    store.SealNow(Stop);
                }

                if (id == 1)
                {
                    store.Maintain(Stop);
                }
            }
        }
        finally
        {
            try
            {
                await store.DisposeAsync();
            }
            catch (Exception e) when (e is IOException or SimulatedCrashException)
            {
                // A dead disk cannot be closed either.
            }
        }
    }

    private static async Task CheckAsync(SpanStore store, List<ulong> acknowledged, string when)
    {
        var found = new List<ulong>();
        for (ulong trace = 0; trace < 4; trace++)
        {
            if (await store.ReadTraceAsync(Spans.Trace(trace), Stop) is { } spans)
            {
                foreach (var span in spans.Spans)
                {
                    found.Add(span.SpanId.Value);
                }
            }
        }

        Assert.Equal(found.Count, found.Distinct().Count());
        var missing = acknowledged.Except(found).ToList();
        Assert.True(missing.Count == 0, $"{when}: spans {string.Join(", ", missing)} are gone");
    }
}
