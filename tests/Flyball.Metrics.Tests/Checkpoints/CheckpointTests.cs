using Flyball.Durable.Files;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Testing;
using Flyball.Testing.Files;

namespace Flyball.Metrics.Tests.Checkpoints;

/// <summary>A checkpoint saves a start from reading the log, and is nothing anybody has to trust.</summary>
public sealed class CheckpointTests
{
    private const string Checkpoint = "/data/checkpoint";
    private const string Log = "/data/wal/0000000001.wal";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_start_reads_only_the_log_behind_it_and_finds_everything()
    {
        var (disk, clock, expected) = await FillAsync();
        var behind = disk.Length(Log);
        await using (var store = await Stores.OpenAsync(disk, clock))
        {
            await store.CheckpointAsync(Token);
            await AppendAsync(store, clock, 0, 3);
            expected = Everything(store);
        }

        // The log it replaces could be gone: nothing in it is looked at.
        for (var at = 16; at < behind; at += 7)
        {
            disk.Corrupt(Log, at);
        }

        await using var again = await Stores.OpenAsync(disk, clock);
        Assert.Equal(expected, Everything(again));
        Assert.True(again.Replay.BytesTotal < behind, $"{again.Replay.BytesTotal} bytes of log were read");
    }

    [Fact]
    public async Task A_restored_store_takes_samples_as_the_one_before_would_have()
    {
        var (disk, clock, _) = await FillAsync();
        var at = clock.GetUtcNow().ToUnixTimeMilliseconds();
        await using (var store = await Stores.OpenAsync(disk, clock))
        {
            await store.AppendAsync(("m0{i=0}", at + 5, 7));
            await store.CheckpointAsync(Token);
        }

        await using var again = await Stores.OpenAsync(disk, clock);
        Assert.Equal(AppendOutcome.DuplicateTimestamp, await again.AppendOneAsync("m0{i=0}", at + 5, 8));
        Assert.Equal(AppendOutcome.OutOfOrder, await again.AppendOneAsync("m0{i=0}", at + 4, 8));
        Assert.Equal(AppendOutcome.Stored, await again.AppendOneAsync("m0{i=0}", at + 6, 9));
        Assert.Equal(AppendOutcome.Stored, await again.AppendOneAsync("new{}", at + 6, 1));
        var expected = Everything(again);
        await again.SealAsync(Token);
        Assert.Equal(expected, Everything(again));
    }

    [Fact]
    public async Task Whichever_byte_of_it_is_damaged_the_log_is_read_instead()
    {
        var (disk, clock, expected) = await FillAsync();
        await WithCheckpointAsync(disk, clock);
        var length = disk.Length(Checkpoint);
        for (var at = 0; at < length; at += 1 + (at % 13))
        {
            var damaged = disk.Copy();
            damaged.Corrupt(Checkpoint, at, (byte)(1 << (at % 8)));
            await using var store = await Stores.OpenAsync(damaged, clock);
            Assert.Equal(expected, Everything(store));
            Assert.False(damaged.FileExists(Checkpoint), $"byte {at} was not noticed");
        }
    }

    [Fact]
    public async Task Wherever_it_ends_too_early_the_log_is_read_instead()
    {
        var (disk, clock, expected) = await FillAsync();
        await WithCheckpointAsync(disk, clock);
        for (var length = disk.Length(Checkpoint) - 1; length >= 0; length -= 1 + (length % 17))
        {
            var torn = disk.Copy();
            torn.Open(Checkpoint, OpenMode.ReadWrite).SetLength(length);
            await using var store = await Stores.OpenAsync(torn, clock);
            Assert.Equal(expected, Everything(store));
        }
    }

    [Fact]
    public async Task One_that_is_ahead_of_the_log_is_not_used()
    {
        var (disk, clock, _) = await FillAsync();
        await WithCheckpointAsync(disk, clock);
        await WithCheckpointAsync(disk, clock);
        disk.Delete(Log);
        disk.Delete("/data/wal/0000000002.wal");
        await using var store = await Stores.OpenAsync(disk, clock);
        Assert.False(disk.FileExists(Checkpoint));
        await store.AppendAsync(("m0{i=0}", clock.GetUtcNow().ToUnixTimeMilliseconds() + 50, 1));
        Assert.Equal(1, store.Statistics.HeadSamples);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_crash_at_any_operation_while_it_is_written_loses_nothing(bool powerLost)
    {
        for (var n = 1; ; n++)
        {
            var (disk, clock, expected) = await FillAsync();
            var finished = true;
            disk.CrashAtOperation(n);
            try
            {
                await using var store = await Stores.OpenAsync(disk, clock);
                await store.CheckpointAsync(Token);
                await store.CheckpointAsync(Token);
            }
            catch (IOException)
            {
                finished = false;
            }

            disk.Restart(powerLost);
            await using (var again = await Stores.OpenAsync(disk, clock))
            {
                Assert.Equal(expected, Everything(again));
            }

            if (finished)
            {
                Assert.True(n > 8, $"only {n} operations");
                return;
            }
        }
    }

    [Fact]
    public async Task Sealing_takes_it_away_before_the_log_is_shortened()
    {
        var (disk, clock, _) = await FillAsync();
        string expected;
        await using (var store = await Stores.OpenAsync(disk, clock))
        {
            await store.CheckpointAsync(Token);
            await store.SealAsync(Token);
            Assert.False(disk.FileExists(Checkpoint));
            expected = store.Dump();
        }

        await using var again = await Stores.OpenAsync(disk, clock);
        Assert.Equal(expected, again.Dump());
    }

    [Fact]
    public async Task What_was_deleted_does_not_come_back_with_it()
    {
        var (disk, clock, _) = await FillAsync();
        await using (var store = await Stores.OpenAsync(disk, clock))
        {
            await store.CheckpointAsync(Token);
            await store.DeleteAsync([[new Matcher(MatchOp.NotEqual, "__name__", "")]], TimeRange.All, Token);
        }

        await using var again = await Stores.OpenAsync(disk, clock);
        Assert.Equal("", again.Dump());
    }

    [Fact]
    public async Task Samples_that_come_while_it_is_written_are_there_once()
    {
        // More series than one group has, so that groups are complete up to different places of the log; and new ones all the time,
        // whose numbers belong to a group that was copied without them.
        const int Series = 9000;
        var disk = new FaultyFileSystem();
        var clock = new TestClock();
        var options = Stores.Options with { CheckpointBytes = 0 };
        var at = clock.GetUtcNow().ToUnixTimeMilliseconds();
        string expected;
        await using (var store = await Stores.OpenAsync(disk, clock, options))
        {
            await AppendAllAsync(store, Series, at, 33);
            var stop = new CancellationTokenSource();
            var written = 33;
            var appending = Task.Run(
                async () =>
                {
                    while (!stop.IsCancellationRequested && written < 2000)
                    {
                        await AppendAllAsync(store, Series, at + (written++ * 10), 1, from: Series - 50);
                        await AppendAllAsync(store, Series + written, at + (written++ * 10), 1, from: Series + written - 50);
                    }
                },
                Token);
            for (var i = 0; i < 5; i++)
            {
                await store.CheckpointAsync(Token);
            }

            await stop.CancelAsync();
            await appending;
            expected = Sums(store);
        }

        await using var again = await Stores.OpenAsync(disk, clock, options);
        Assert.Equal(expected, Sums(again));
    }

    [Fact]
    public async Task Enough_log_brings_one_by_itself()
    {
        var disk = new FaultyFileSystem();
        var clock = new TestClock();
        await using var store = await Stores.OpenAsync(disk, clock, Stores.Options with { CheckpointBytes = 1000 });
        await AppendAsync(store, clock, 0, 40);
        for (var tries = 0; !disk.FileExists(Checkpoint); tries++)
        {
            Assert.True(tries < 2000, "no checkpoint was written");
            await Task.Delay(5, Token);
        }
    }

    private static async Task<(FaultyFileSystem Disk, TestClock Clock, string Expected)> FillAsync()
    {
        var disk = new FaultyFileSystem();
        var clock = new TestClock();
        await using var store = await Stores.OpenAsync(disk, clock);
        await AppendAsync(store, clock, 0, 40);
        return (disk, clock, Everything(store));
    }

    private static async Task WithCheckpointAsync(FaultyFileSystem disk, TestClock clock)
    {
        await using var store = await Stores.OpenAsync(disk, clock);
        await store.AppendAsync(("m0{i=0}", clock.GetUtcNow().ToUnixTimeMilliseconds() - 1, 0));
        await store.CheckpointAsync(Token);
    }

    // Floats with and without starts, histograms, exemplars, metadata, a series that ends, pages and open slots.
    private static async Task AppendAsync(MetricStore store, TestClock clock, int from, int count)
    {
        for (var n = from; n < from + count; n++)
        {
            clock.Advance(TimeSpan.FromSeconds(15));
            var now = TimestampMs.Now(clock);
            var batch = new SampleBatch();
            for (var i = 0; i < 5; i++)
            {
                batch.AddSample(batch.AddSeries(Stores.Series($"m{i % 3}{{i={i}}}")), now, i == 4 && n == 20 ? StaleMarker.Value : n * 1.25);
            }

            batch.AddSample(batch.AddSeries(Stores.Series("started{}")), now, n, new TimestampMs(now.Value - 60_000));
            batch.AddHistogram(batch.AddSeries(Stores.Series("latency{}")), now, Counting(n));
            batch.AddExemplar(batch.AddSeries(Stores.Series("latency{}")), new Exemplar(LabelSet.Of(("trace_id", $"{n}")), n, now));
            batch.AddMetadata(new MetricMetadata("m0", MetricType.Gauge, $"help {n / 30}", ""));
            await store.AppendAsync(batch, AppendMode.StoreWhatFits, Token);
        }
    }

    private static async Task AppendAllAsync(MetricStore store, int series, long at, int times, int from = 0)
    {
        for (var n = 0; n < times; n++)
        {
            var batch = new SampleBatch();
            for (var i = from; i < series; i++)
            {
                batch.AddSample(batch.AddSeries(LabelSet.Of(("__name__", "many"), ("i", i.ToString()))), new TimestampMs(at + (n * 10)), i + n);
            }

            await store.AppendAsync(batch, AppendMode.AllOrNothing, Token);
        }
    }

    private static NativeHistogram Counting(int n) => new()
    {
        Schema = 0,
        Count = n + 2,
        Sum = n * 0.5,
        PositiveSpans = [new BucketSpan(1, 2)],
        PositiveBuckets = [1, n + 1],
    };

    private static string Everything(MetricStore store)
    {
        var exemplars = store.Exemplars(TimeRange.All, [[new Matcher(MatchOp.NotEqual, "__name__", "")]]);
        return string.Join(
            '\n',
            store.Dump(),
            store.Statistics.HeadSamples + store.Statistics.BlockSamples,
            string.Join(' ', store.Metadata),
            string.Join(' ', exemplars.SelectMany(e => e.Exemplars, (e, one) => $"{e.Series} {one.Value}@{one.Timestamp.Value}")));
    }

    private static string Sums(MetricStore store)
    {
        using var selection = store.Select(new SeriesQuery(TimeRange.All, [new Matcher(MatchOp.Equal, "__name__", "many")]), Token);
        using var samples = new SampleColumns();
        var lines = new List<string> { $"{store.Statistics.HeadSamples}" };
        for (var i = 0; i < selection.Count; i++)
        {
            samples.Clear();
            selection.Read(i, samples, Token);
            var times = new HashSet<long>();
            for (var j = 0; j < samples.Count; j++)
            {
                Assert.True(times.Add(samples.TimestampsMs[j]), $"{selection.Labels(i)} has a sample twice");
            }

            lines.Add($"{selection.Labels(i)} {samples.Count} {samples.Values[..samples.Count].ToArray().Sum()}");
        }

        return string.Join('\n', lines);
    }
}
