using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Testing;
using Flyball.Testing.Files;
using static Flyball.Metrics.Tests.Stores;

namespace Flyball.Metrics.Tests.Compaction;

public sealed class MaintenanceTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly FaultyFileSystem _disk = new();
    private readonly TestClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    [Fact]
    public async Task Sealing_and_merging_change_nothing_a_reader_sees()
    {
        await using var store = await OpenAsync(_disk, _clock);
        for (var hour = 0; hour < 26; hour++)
        {
            await FillHourAsync(store);
            var before = store.Dump();
            await store.MaintainAsync(Token);
            Assert.Equal(before, store.Dump());
        }

        Assert.InRange(store.Statistics.Blocks, 1, 8);
        Assert.InRange(store.Statistics.HeadSamples, 1, 2000);
        Assert.True(_disk.List("/data/wal").Count <= 3);
        var all = store.Dump();
        await store.DisposeAsync();
        await using var again = await OpenAsync(_disk, _clock);
        Assert.Equal(all, again.Dump());
        await again.SealAsync(Token);
        Assert.Equal(all, again.Dump());
        Assert.Equal(0, again.Statistics.HeadSamples);
    }

    [Fact]
    public async Task Matchers_find_the_same_in_blocks_as_in_heads()
    {
        await using var store = await OpenAsync(_disk, _clock);
        for (var i = 0; i < 200; i++)
        {
            await store.AppendAsync(($"m{i % 7}{{x={i % 13},pod=p{i}}}", Now, i));
        }

        Matcher[][] selectors =
        [
            [new(MatchOp.Equal, "__name__", "m3")], [new(MatchOp.Regex, "pod", "p1.*")], [new(MatchOp.NotRegex, "pod", "p1.*")],
            [new(MatchOp.Equal, "x", "5"), new(MatchOp.NotEqual, "__name__", "m1")], [new(MatchOp.Regex, "x", "1|2|12")],
            [new(MatchOp.Equal, "nothing", "")], [new(MatchOp.NotEqual, "nothing", "")], [new(MatchOp.Regex, "pod", "p.?")],
        ];
        var before = selectors.Select(s => store.Dump(s)).ToArray();
        var names = store.LabelNames(Everything, Token);
        var values = store.LabelValues("pod", Everything, Token);
        await store.SealAsync(Token);
        Assert.Equal(before, selectors.Select(s => store.Dump(s)));
        Assert.Equal(names, store.LabelNames(Everything, Token));
        Assert.Equal(["__name__", "pod", "x"], names);
        Assert.Equal(values, store.LabelValues("pod", Everything, Token));
        Assert.Equal(200, values.Count);
    }

    [Fact]
    public async Task Blocks_older_than_the_retention_time_go()
    {
        await using var store = await OpenAsync(_disk, _clock, Options with { RetentionTime = TimeSpan.FromHours(4), LargestBlockSpan = TimeSpan.FromHours(2) });
        for (var hour = 0; hour < 12; hour++)
        {
            await FillHourAsync(store);
            await store.MaintainAsync(Token);
        }

        Assert.InRange(store.Statistics.Blocks, 1, 2);
        Assert.Equal(store.Statistics.Blocks, _disk.List("/data/blocks").Count);
    }

    [Fact]
    public async Task The_oldest_blocks_go_when_the_store_is_too_large()
    {
        var options = Options with { RetentionBytes = 40_000, LargestBlockSpan = TimeSpan.FromHours(2) };
        await using var store = await OpenAsync(_disk, _clock, options);
        for (var hour = 0; hour < 30; hour++)
        {
            await FillHourAsync(store);
            await store.MaintainAsync(Token);
        }

        Assert.InRange(store.Statistics.BlockBytes, 1, 40_000);
        Assert.True(store.Statistics.Blocks > 0);
    }

    [Fact]
    public async Task Late_samples_within_the_window_find_their_place()
    {
        var options = Options with { OutOfOrderWindow = TimeSpan.FromHours(6) };
        await using var store = await OpenAsync(_disk, _clock, options);
        var start = Now;
        await store.AppendAsync(("a{}", start, 1), ("a{}", start + 20_000, 3));
        await store.AppendAsync(("a{}", start + 10_000, 2));
        Assert.Equal($"a {start}=1 {start + 10_000}=2 {start + 20_000}=3", store.Dump());
        await store.SealAsync(Token);
        _clock.Advance(TimeSpan.FromHours(5));
        await store.AppendAsync(("a{}", Now, 9));
        await store.AppendAsync(("a{}", start + 15_000, 2.5));
        var expected = $"a {start}=1 {start + 10_000}=2 {start + 15_000}=2.5 {start + 20_000}=3 {Now}=9";
        Assert.Equal(expected, store.Dump());
        await store.SealAsync(Token);
        Assert.Equal(expected, store.Dump());
        Assert.Equal(AppendOutcome.TooOld, await store.AppendOneAsync("a{}", start - 7_200_000, 1));
    }

    [Fact]
    public async Task A_flipped_bit_anywhere_in_a_block_sets_it_aside_and_the_rest_answers()
    {
        var start = Now;
        await using (var store = await OpenAsync(_disk, _clock))
        {
            await FillHourAsync(store);
            await store.SealAsync(Token);
            _clock.Advance(TimeSpan.FromHours(9));
            await store.AppendAsync(("other{}", Now, 1));
            await store.SealAsync(Token);
        }

        var path = "/data/blocks/" + _disk.List("/data/blocks")[0].Name;
        var length = _disk.Length(path);
        for (long at = 0; at < length; at += 97)
        {
            var disk = _disk.Copy();
            disk.Corrupt(path, at, 0x20);
            await using var store = await OpenAsync(disk, _clock);
            store.Dump();
            Assert.Equal($"other {Now}=1", store.Dump());
            Assert.Equal(1, store.Statistics.Blocks);
        }

        Assert.True(start < Now);
    }

    [Fact]
    public async Task A_full_disk_leaves_heads_readable_and_sealing_goes_on_when_space_returns()
    {
        await using var store = await OpenAsync(_disk, _clock);
        await FillHourAsync(store);
        var before = store.Dump();
        _disk.Capacity = _disk.List("/data/wal").Sum(f => f.Length) + 200;
        await Assert.ThrowsAsync<IOException>(() => store.SealAsync(Token));
        Assert.Equal(before, store.Dump());
        _disk.Capacity = long.MaxValue;
        await store.SealAsync(Token);
        Assert.Equal(before, store.Dump());
        Assert.Equal(1, store.Statistics.Blocks);
    }

    [Fact]
    public async Task A_crash_at_any_operation_of_sealing_and_merging_loses_nothing()
    {
        await using (var store = await OpenAsync(_disk, _clock))
        {
            for (var hour = 0; hour < 9; hour++)
            {
                await FillHourAsync(store, perHour: 2);
                if (hour % 3 == 2 && hour < 8)
                {
                    await store.SealAsync(Token);
                }
            }
        }

        string expected;
        await using (var store = await OpenAsync(_disk.Copy(), _clock))
        {
            expected = store.Dump();
        }

        for (var n = 1; ; n++)
        {
            foreach (var powerLost in new[] { true, false })
            {
                var disk = _disk.Copy();
                var finished = await SealUntilCrashAsync(disk, n);
                disk.Restart(powerLost);
                await using var store = await OpenAsync(disk, _clock);
                Assert.Equal(expected, store.Dump());
                if (finished)
                {
                    Assert.True(n > 10);
                    return;
                }
            }
        }
    }

    private static readonly SeriesQuery Everything = new(Model.Time.TimeRange.All, []);

    private async Task<bool> SealUntilCrashAsync(FaultyFileSystem disk, int operation)
    {
        await using var store = await OpenAsync(disk, _clock);
        disk.CrashAtOperation(operation);
        try
        {
            await store.SealAsync(Token);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task FillHourAsync(MetricStore store, int perHour = 30)
    {
        for (var i = 0; i < perHour; i++)
        {
            _clock.Advance(60 * Minute / perHour);
            await store.AppendAsync(
                ("up{job=a}", Now, 1), ("up{job=b}", Now, i % 5), ("bytes{job=a}", Now, Now / 7000 * 3), ("load{job=a}", Now, Math.Sin(i) * 10));
        }
    }
}
