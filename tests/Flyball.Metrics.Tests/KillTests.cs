using Flyball.Durable.Files;
using Flyball.Metrics.Child;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Metrics.Tests;

/// <summary>kill -9 of a real process while it writes, seals, merges and deletes.</summary>
public sealed class KillTests
{
    private const int Rounds = 24;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_acknowledged_is_there_and_what_was_deleted_is_gone_however_often_the_process_is_killed()
    {
        var folder = Directory.CreateTempSubdirectory("flyball-kill-").FullName;
        try
        {
            var random = new Random(20260105);
            var told = new Told();
            for (var round = 0; round < Rounds; round++)
            {
                await RunAndKillAsync(folder, told, random);
                await using var store = await MetricStore.OpenAsync(
                    WriteLoad.OptionsOf(folder), PhysicalFileSystem.Instance, TimeProvider.System, NullLoggerFactory.Instance, Token);
                told.Next = Check(store, told) + 1;
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"{Rounds} kills, {told.Acknowledged} batches, deleted up to {told.Deleted}");
            Assert.True(told.Acknowledged > Rounds * 20, "too little was written for the test to mean anything");
            Assert.True(told.Deleted > 0, "nothing was deleted");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunAndKillAsync(string folder, Told told, Random random)
    {
        using var process = ChildProcess.Start(new Dictionary<string, string>(), "write", folder, told.Next.ToString());
        var killAfter = random.Next(1, 400);
        var heard = 0;
        while (await process.StandardOutput.ReadLineAsync(Token) is { } line)
        {
            told.Hear(line);
            if (++heard == killAfter)
            {
                process.Kill();
            }
        }

        await process.WaitForExitAsync(Token);
        Assert.True(heard >= killAfter, await process.StandardError.ReadToEndAsync(Token));
    }

    // Returns the last batch that is there: one that was written but never acknowledged may be.
    private static long Check(MetricStore store, Told told)
    {
        var kept = Read(store, WriteLoad.Series(0));
        Assert.True(kept.Count is var count && (count == told.Acknowledged || count == told.Acknowledged + 1), $"{count} of {told.Acknowledged} batches are there");
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(i + 1, kept[i]);
        }

        for (var series = 1; series < WriteLoad.Kept; series++)
        {
            Assert.Equal(kept, Read(store, WriteLoad.Series(series)));
        }

        var doomed = Read(store, WriteLoad.Doomed);
        Assert.DoesNotContain(doomed, n => n <= told.Deleted);
        Assert.Equal(kept.Where(n => n > told.Deleting), doomed.Where(n => n > told.Deleting));
        told.Acknowledged = count;
        return count;
    }

    private static List<long> Read(MetricStore store, LabelSet labels)
    {
        var matchers = new List<Matcher>();
        foreach (var label in labels)
        {
            matchers.Add(new Matcher(MatchOp.Equal, label.NameText, label.ValueText));
        }

        using var selection = store.Select(new SeriesQuery(TimeRange.All, matchers), Token);
        using var samples = new SampleColumns();
        for (var i = 0; i < selection.Count; i++)
        {
            selection.Read(i, samples, Token);
        }

        var found = new List<long>();
        for (var i = 0; i < samples.Count; i++)
        {
            Assert.Equal(WriteLoad.TimeOf((long)samples.Values[i]), samples.TimestampsMs[i]);
            found.Add((long)samples.Values[i]);
        }

        return found;
    }

    private sealed class Told
    {
        public long Next { get; set; } = 1;

        public long Acknowledged { get; set; }

        public long Deleting { get; private set; }

        public long Deleted { get; private set; }

        public void Hear(string line)
        {
            var n = long.Parse(line.AsSpan(line.IndexOf(' ') + 1));
            if (line.StartsWith("ack", StringComparison.Ordinal))
            {
                Assert.Equal(Acknowledged + 1, n);
                Acknowledged = n;
            }
            else if (line.StartsWith("deleting", StringComparison.Ordinal))
            {
                Deleting = n;
            }
            else
            {
                Deleted = n;
            }
        }
    }
}
