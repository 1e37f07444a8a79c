using System.Globalization;
using Flyball.Durable.RunLog;
using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Testing;
using Flyball.Testing.Files;

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
        Vcs = new VcsFacts { Commit = "c", HeadName = "main" },
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
                Attempt = 2,
                Life = new LifeFact { State = RunState.Pending },
                Steps = [new StepFact { Id = "0", Name = "s", Life = new LifeFact { ExitCode = 137 } }],
            },
        ],
    };
}
