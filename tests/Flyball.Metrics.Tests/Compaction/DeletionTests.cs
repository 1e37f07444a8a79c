using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Testing;
using Flyball.Testing.Files;
using static Flyball.Metrics.Tests.Stores;

namespace Flyball.Metrics.Tests.Compaction;

public sealed class DeletionTests
{
    private static readonly Matcher OnlyA = new(MatchOp.Equal, "__name__", "a");
    private readonly FaultyFileSystem _disk = new();
    private readonly TestClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    [Fact]
    public async Task Deleted_samples_are_gone_from_heads_and_blocks_and_stay_gone()
    {
        var start = Now;
        await using (var store = await FilledAsync())
        {
            await store.DeleteAsync([[OnlyA]], new TimeRange(new TimestampMs(start + 2), new TimestampMs(Now)), Token);
            Check(store.Dump(), start);
            await store.AppendAsync(("a{}", Now + 1, 9));
            Assert.Contains($"{Now + 1}=9", store.Dump(OnlyA), StringComparison.Ordinal);
            await store.DeleteAsync([[OnlyA]], TimeRange.All, Token);
            Assert.Equal("", store.Dump(OnlyA));
            Assert.DoesNotContain("a", store.LabelValues("__name__", new SeriesQuery(TimeRange.All, []), Token));
        }

        await using var again = await OpenAsync(_disk, _clock);
        Assert.Equal("", again.Dump(OnlyA));
        Assert.NotEqual("", again.Dump());
    }

    [Fact]
    public async Task A_crash_at_any_operation_leaves_samples_deleted_or_there_and_never_harms_others()
    {
        await (await FilledAsync()).DisposeAsync();
        string others;
        await using (var store = await OpenAsync(_disk.Copy(), _clock))
        {
            others = store.Dump(new Matcher(MatchOp.NotEqual, "__name__", "a"));
        }

        for (var n = 1; ; n++)
        {
            var disk = _disk.Copy();
            var finished = true;
            await using (var store = await OpenAsync(disk, _clock))
            {
                disk.CrashAtOperation(n);
                try
                {
                    await store.DeleteAsync([[OnlyA]], TimeRange.All, Token);
                }
                catch (IOException)
                {
                    finished = false;
                }
            }

            disk.Restart(powerLost: true);
            await using var again = await OpenAsync(disk, _clock);
            Assert.Equal(others, again.Dump(new Matcher(MatchOp.NotEqual, "__name__", "a")));
            if (finished)
            {
                Assert.Equal("", again.Dump(OnlyA));
                return;
            }
        }
    }

    [Fact]
    public async Task A_snapshot_opens_as_a_store_with_the_same_contents()
    {
        await using var store = await FilledAsync();
        var path = await store.SnapshotAsync("today", skipHead: false, Token);
        await using var copy = await OpenAsync(_disk, _clock, Options with { Directory = path });
        Assert.Equal(store.Dump(), copy.Dump());
        await Assert.ThrowsAsync<ArgumentException>(() => store.SnapshotAsync("../elsewhere", skipHead: false, Token));
    }

    private static void Check(string dump, long start)
    {
        var lines = dump.Split('\n');
        Assert.Equal($"a {start}=1 {start + 1}=2", lines[0]);
        Assert.StartsWith($"b {start}=1 {start + 1}=2 {start + 2}=3 ", lines[1], StringComparison.Ordinal);
    }

    private async Task<MetricStore> FilledAsync()
    {
        var store = await OpenAsync(_disk, _clock);
        var start = Now;
        for (var i = 0; i < 3; i++)
        {
            await store.AppendAsync(("a{}", start + i, i + 1), ("b{}", start + i, i + 1));
        }

        await store.SealAsync(Token);
        _clock.Advance(TimeSpan.FromHours(3));
        await store.AppendAsync(("a{}", Now, 4), ("b{}", Now, 4));
        return store;
    }
}
