using Flyball.Durable.Files;
using Flyball.Durable.Log;
using Flyball.Testing;
using Flyball.Testing.Files;

namespace Flyball.Metrics.Tests;

/// <summary>One story of appending, sealing and merging, ended by a crash at each of its file operations in turn.</summary>
public sealed class CrashTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(WalSync.Always, true)]
    [InlineData(WalSync.Always, false)]
    [InlineData(WalSync.Interval, false)]
    public async Task What_was_acknowledged_is_there_after_a_crash_at_any_operation(WalSync sync, bool powerLost)
    {
        for (var n = 1; ; n++)
        {
            var disk = new FaultyFileSystem();
            var clock = new TestClock();
            var story = new Story(disk, clock, Stores.Options with { WalSync = sync });
            disk.CrashAtOperation(n);
            var finished = await story.TellAsync();
            disk.Restart(powerLost);

            await using var store = await Stores.OpenAsync(disk, clock);
            var found = store.Dump();
            Assert.True(
                story.Acknowledged == found || story.Attempted == found,
                $"operation {n}: acknowledged\n{story.Acknowledged}\nattempted\n{story.Attempted}\nfound\n{found}");
            if (finished)
            {
                Assert.True(n > 30, $"only {n} operations");
                return;
            }
        }
    }

    [Fact]
    public async Task A_log_torn_at_any_byte_of_its_last_record_keeps_every_batch_but_the_last_which_is_there_whole_or_not_at_all()
    {
        const string Log = "/data/wal/0000000001.wal";
        var disk = new FaultyFileSystem();
        var clock = new TestClock();
        var at = clock.GetUtcNow().ToUnixTimeMilliseconds();
        string before;
        long lastBegins;
        string after;
        await using (var store = await Stores.OpenAsync(disk, clock))
        {
            await store.AppendAsync(("a{}", at, 1), ("b{}", at, 2));
            before = store.Dump();
            lastBegins = disk.Length(Log);
            await store.AppendAsync(("a{}", at + 1, 3), ("b{}", at + 1, 4), ("c{x=1}", at + 1, 5));
            after = store.Dump();
        }

        var whole = disk.Length(Log);
        for (var length = lastBegins; length <= whole; length++)
        {
            var torn = disk.Copy();
            torn.Open(Log, OpenMode.ReadWrite).SetLength(length);
            await using (var store = await Stores.OpenAsync(torn, clock))
            {
                Assert.Equal(length == whole ? after : before, store.Dump());
                await store.AppendAsync(("a{}", at + 2, 6));
            }

            await using var again = await Stores.OpenAsync(torn, clock);
            Assert.Contains($"{at + 2}=6", again.Dump(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_store_goes_on_after_any_single_failing_operation()
    {
        for (var n = 1; n < 80; n++)
        {
            var disk = new FaultyFileSystem();
            var clock = new TestClock();
            await using var store = await Stores.OpenAsync(disk, clock);
            disk.FailAtOperation(n);
            var stored = new SortedDictionary<long, double>();
            for (var i = 0; i < 12; i++)
            {
                clock.Advance(TimeSpan.FromMinutes(20));
                var at = clock.GetUtcNow().ToUnixTimeMilliseconds();
                try
                {
                    await store.AppendAsync(("a{}", at, i), ("b{}", at, i));
                    stored[at] = i;
                }
                catch (IOException)
                {
                    // Not acknowledged; with a failed sync it may still be seen.
                    stored[at] = -1;
                }

                await TryAsync(() => store.MaintainAsync(Token));
            }

            await TryAsync(() => store.SealAsync(Token));
            await store.SealAsync(Token);
            var dump = store.Dump();
            foreach (var (at, value) in stored.Where(s => s.Value >= 0))
            {
                Assert.True(dump.Split($"{at}={value}").Length == 3, $"operation {n}: {at}={value} is not there twice in\n{dump}");
            }
        }
    }

    private static async Task TryAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (IOException)
        {
            // The one failure that was ordered.
        }
    }

    private sealed class Story(FaultyFileSystem disk, TestClock clock, MetricStoreOptions options)
    {
        public string Acknowledged { get; private set; } = "";

        public string Attempted { get; private set; } = "";

        public async Task<bool> TellAsync()
        {
            MetricStore? store = null;
            try
            {
                store = await Stores.OpenAsync(disk, clock, options);
                for (var i = 0; i < 14; i++)
                {
                    clock.Advance(TimeSpan.FromMinutes(40));
                    await AppendAsync(store, i);
                    if (i % 5 == 1)
                    {
                        await store.CheckpointAsync(Token);
                    }

                    if (i % 4 == 3)
                    {
                        await store.MaintainAsync(Token);
                    }
                }

                await store.SealAsync(Token);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
            finally
            {
                // A crashed process does nothing more: its loops must have ended before the disk comes back.
                if (store is not null)
                {
                    await store.DisposeAsync();
                }
            }
        }

        private async Task AppendAsync(MetricStore store, int i)
        {
            var at = clock.GetUtcNow().ToUnixTimeMilliseconds();
            Attempted = string.Join('\n', new[] { "a", "b{x=\"1\"}" }.Select((name, line) =>
                (Acknowledged.Length == 0 ? name : Acknowledged.Split('\n')[line]) + $" {at}={i}"));
            await store.AppendAsync(("a{}", at, i), ("b{x=1}", at, i));
            Acknowledged = Attempted;
        }
    }
}
