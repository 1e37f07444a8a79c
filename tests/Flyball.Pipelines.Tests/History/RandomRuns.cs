using Flyball.Model.Runs;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Tests.History;

/// <summary>Runs as facts, from a seed: finished and unfinished ones, retries, soft failures, odd texts, clocks in s, ms and ns.</summary>
internal static class RandomRuns
{
    private static readonly string[] Branches = ["main", "", "füür/日本", "release-1"];

    public static IEnumerable<RunFact> Facts(int seed, int runs, ulong startNs)
    {
        var random = new Random(seed);
        for (var i = 0; i < runs; i++)
        {
            yield return Fact(random, i, startNs + ((ulong)i * 60_000_000_000) + (ulong)(i % 3 == 0 ? 0 : random.Next(1_000_000)));
        }
    }

    private static RunFact Fact(Random random, int i, ulong at)
    {
        var finished = random.Next(10) > 0;
        var end = at + ((ulong)random.Next(1, 600) * 1_000_000_000);
        return new RunFact
        {
            Run = new RunKey(i % 2 == 0 ? "github" : "tekton", i % 2 == 0 ? "github.com" : "", $"run-{i}", 1 + (i % 3 == 0 ? 1 : 0)),
            SourceTime = new(finished ? end : at),
            ReceivedAt = new(end + (ulong)random.Next(1_000_000)),
            TraceId = i % 7 == 3 ? new((ulong)i + 1, 99) : null,
            Pipeline = $"p{random.Next(4)}",
            Number = $"{i}",
            Actor = random.Next(3) == 0 ? null : "ada",
            Vcs = new VcsFacts { Commit = $"{random.Next():x8}", HeadName = Branches[random.Next(Branches.Length)] },
            Attributes = new Dictionary<string, string> { ["k8s.pod.name"] = $"pod-{i}" },
            Life = new LifeFact
            {
                State = finished ? RunState.Finished : RunState.Executing,
                Result = finished ? (RunResult)random.Next(6) : null,
                ErrorType = "exit_1",
                CreatedAt = new(at),
                StartedAt = new(at + 500_000_000),
                FinishedAt = finished ? new(end) : null,
            },
            Tasks = [.. Enumerable.Range(0, random.Next(5)).Select(t => Task(random, $"{t}", at, end))],
        };
    }

    private static TaskFact Task(Random random, string id, ulong at, ulong end) => new()
    {
        Key = new TaskKey(id),
        Name = $"t{random.Next(3)}",
        SoftFail = random.Next(5) == 0,
        LogTail = random.Next(4) == 0 ? "boom\n" : null,
        Life = new LifeFact
        {
            State = RunState.Finished,
            Result = (RunResult)random.Next(6),
            ExitCode = random.Next(3),
            StartedAt = new(at + 1_000_000),
            FinishedAt = new(Math.Min(end, at + (ulong)random.Next(1_000_000_000))),
        },
        Steps = random.Next(2) == 0 ? [] : [new StepFact { Id = "0", Name = "run", Life = new LifeFact { StartedAt = new TimestampNs(at + 5) } }],
    };
}
