using System.Globalization;
using System.Text.Json;
using Flyball.Durable.Log;
using Flyball.Durable.RunLog;
using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Model.Wire;
using Flyball.Testing;
using Flyball.Testing.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Durable.Tests.RunLog;

public sealed class FileRunLogTests
{
    [Fact]
    public async Task Every_field_of_a_fact_comes_back()
    {
        var files = new FaultyFileSystem();
        await using (var log = Open(files))
        {
            await log.AppendAsync([Rich()], TestContext.Current.CancellationToken);
        }

        files.Restart(powerLost: true);
        await using var again = Open(files);
        var fact = Assert.Single(await again.ReadAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));

        Assert.Equivalent(Rich(), fact, strict: true);
    }

    [Fact]
    public async Task Acknowledged_facts_survive_a_power_cut_at_any_operation()
    {
        var story = new FaultyFileSystem();
        await AppendUntilCrashAsync(story);
        for (long n = 1; n <= story.Operations; n++)
        {
            var files = new FaultyFileSystem();
            files.CrashAtOperation(n);
            var acknowledged = await AppendUntilCrashAsync(files);
            files.Restart(powerLost: true);

            await using var log = Open(files);
            var runs = await log.ReadAsync(CancellationToken.None).Select(f => f.Run.Run).ToListAsync(TestContext.Current.CancellationToken);

            Assert.Equal(acknowledged, runs.Take(acknowledged.Count));
        }
    }

    [Fact]
    public async Task What_is_kept_elsewhere_is_let_go_and_the_rest_stays_at_whatever_operation_the_power_fails()
    {
        var story = new FaultyFileSystem();
        await FillAsync(story);
        var before = story.Operations;
        await ForgetEvenAsync(story);
        var left = await ReadBackAsync(story);
        Assert.Equal([1, 3, 5, 7, 9], left);
        for (var n = before + 1; n <= story.Operations; n++)
        {
            var files = new FaultyFileSystem();
            await FillAsync(files);
            files.CrashAtOperation(n);
            await ForgetEvenAsync(files);
            files.Restart(powerLost: true);

            var runs = await ReadBackAsync(files);

            Assert.Superset(new HashSet<int> { 1, 3, 5, 7, 9 }, runs.ToHashSet());
        }
    }

    [Fact]
    public async Task Of_facts_that_came_together_those_of_other_runs_stay()
    {
        var files = new FaultyFileSystem();
        await using (var log = Open(files))
        {
            await log.AppendAsync([Plain(1), Plain(2), Rich(), Plain(4), Plain(1)], TestContext.Current.CancellationToken);
        }

        await ForgetEvenAsync(files);

        await using var again = Open(files);
        var left = await again.ReadAsync(CancellationToken.None).ToListAsync(CancellationToken.None);
        Assert.Equal(["1", "7", "1"], left.Select(f => f.Run.Run));
        Assert.Equivalent(Rich(), left[1], strict: true);
    }

    [Fact]
    public async Task Facts_written_as_JSON_by_earlier_versions_are_read_and_let_go()
    {
        var files = new FaultyFileSystem();
        await using (var wal = WriteAheadLog.Open(
            new WriteAheadLogOptions { Directory = "/runs", Sync = WalSync.Always }, files, new TestClock(), NullLogger.Instance))
        {
            foreach (var fact in (RunFact[])[Rich(), Plain(1), Plain(2)])
            {
                await wal.AppendAsync(1, JsonSerializer.SerializeToUtf8Bytes(fact, RunFactJson.Default.RunFact), CancellationToken.None);
            }

            await wal.AppendAsync(2, new byte[] { 0x1A, 0x7F, 1 }, CancellationToken.None);
        }

        await using (var log = Open(files))
        {
            var facts = await log.ReadAsync(CancellationToken.None).ToListAsync(CancellationToken.None);
            Assert.Equal(3, facts.Count);
            Assert.Equivalent(Rich(), facts[0], strict: true);
        }

        await ForgetEvenAsync(files);
        var left = await ReadBackAsync(files);
        Assert.Equal([1, 7], left);
    }

    [Fact]
    public void Bytes_that_are_no_record_are_refused_and_never_hang()
    {
        var writer = new RunFactWriter();
        writer.Add(Rich());
        var good = writer.Finish().ToArray();
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var bad = good.ToArray();
            for (var flips = 1 + random.Next(4); flips > 0; flips--)
            {
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            }

            try
            {
                RunFactReader.Read(bad.AsSpan(0, random.Next(bad.Length + 1)));
            }
            catch (WireFormatException)
            {
                // What the log reports and passes over.
            }
        }
    }

    private static async Task FillAsync(FaultyFileSystem files)
    {
        await using var log = Open(files, segmentBytes: 256);
        for (var i = 0; i < 10; i++)
        {
            await log.AppendAsync([Plain(i)], CancellationToken.None);
        }
    }

    private static async Task ForgetEvenAsync(FaultyFileSystem files)
    {
        try
        {
            await using var log = Open(files, segmentBytes: 256);
            await log.ForgetAsync(run => int.Parse(run.Run, CultureInfo.InvariantCulture) % 2 == 0, CancellationToken.None);
        }
        catch (IOException)
        {
        }
    }

    private static async Task<int[]> ReadBackAsync(FaultyFileSystem files)
    {
        await using var log = Open(files);
        return [.. (await log.ReadAsync(CancellationToken.None).ToListAsync(CancellationToken.None))
            .Select(f => int.Parse(f.Run.Run, CultureInfo.InvariantCulture)).Distinct().Order()];
    }

    private static FileRunLog Open(FaultyFileSystem files, long segmentBytes = 16 << 20) =>
        FileRunLog.Open(files, new RunLogOptions { Directory = "/runs", SegmentBytes = segmentBytes }, new TestClock(), log: null);

    private static async Task<List<string>> AppendUntilCrashAsync(FaultyFileSystem files)
    {
        var acknowledged = new List<string>();
        try
        {
            await using var log = Open(files);
            for (var i = 0; i < 6; i++)
            {
                await log.AppendAsync([Plain(i)], CancellationToken.None);
                acknowledged.Add($"{i}");
            }
        }
        catch (IOException)
        {
        }

        return acknowledged;
    }

    private static RunFact Plain(int i) => new() { Run = new RunKey("step", "", $"{i}"), SourceTime = new(1), ReceivedAt = new(2) };

    private static RunFact Rich() => new()
    {
        Run = new RunKey("github", "github.com", "7", 2),
        SourceTime = new TimestampNs(ulong.MaxValue),
        ReceivedAt = new TimestampNs(5),
        TraceId = new TraceId(1, 2),
        SentSpanId = new SpanId(3),
        Pipeline = "p",
        Number = "17",
        Url = "u",
        Actor = "a",
        Trigger = "t",
        Environment = "e",
        Vcs = new VcsFacts
        {
            RepositoryUrl = "1", RepositoryName = "2", Owner = "3", Provider = "4", HeadName = "main", HeadType = "", Commit = "c", CommitTitle = "8",
            BaseName = "9", ChangeId = "10", ChangeTitle = "ä",
        },
        Links = [new RunKey("gitlab", "h", "10", 3)],
        Parent = new RunKey("gitlab", "h", "9"),
        Attributes = new Dictionary<string, string> { ["k"] = "v" },
        Life = new LifeFact
        {
            State = RunState.Finished,
            Result = RunResult.Success,
            ErrorType = "x",
            Message = "m",
            ExitCode = 0,
            CreatedAt = new(1),
            StartedAt = new(0),
            FinalizingAt = new(3),
            FinishedAt = new(4),
            Cycle = new(9),
        },
        Tasks =
        [
            new TaskFact
            {
                Key = new TaskKey("t", 1),
                IsStandIn = true,
                AlsoKnownAs = "n",
                SourceTime = new(8),
                SoftFail = false,
                SentSpanId = new(6),
                Name = "n",
                Type = "y",
                Stage = "s",
                Worker = "w",
                Url = "",
                LogTail = "l",
                Attributes = new Dictionary<string, string> { ["a"] = "" },
                Attempt = 2,
                Life = new LifeFact { State = RunState.Pending },
                Steps = [new StepFact { Id = "0", Name = "s", Life = new LifeFact { ExitCode = -137 }, SentSpanId = new(0) }],
            },
        ],
    };
}
