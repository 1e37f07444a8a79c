using System.Diagnostics;
using Flyball.Durable.Files;
using Flyball.Durable.RunLog;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.History;
using Flyball.Pipelines.Questions;
using Flyball.Pipelines.Tracking;
using Flyball.Pipelines.VirtualSeries;
using Flyball.PromQL;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Bench.Runs;

/// <summary>A history of many runs: what it costs on disk and in memory, and how quickly questions over all of it are answered.</summary>
internal sealed class RunFigures(int runs)
{
    private const int Tasks = 6;
    private static readonly TimeSpan Span = TimeSpan.FromDays(7);

    // A third of the runs failed somewhere; four of every hundred ended badly.
    private static readonly string[] Questions =
    [
        """sum by (commit) (count_over_time(ci_run_duration_seconds{result="failure"}[7d]))""",
        """sum by (pipeline) (count_over_time(ci_run_duration_seconds[7d]))""",
        """sum by (branch) (count_over_time(ci_run_duration_seconds{result="failure"}[7d])) / sum by (branch) (count_over_time(ci_run_duration_seconds[7d]))""",
        """avg by (pipeline) (avg_over_time(ci_run_duration_seconds{branch="main"}[7d]))""",
        """quantile by (pipeline) (0.95, max_over_time(ci_run_duration_seconds{result="success"}[7d]))""",
        """max by (actor) (max_over_time(ci_run_duration_seconds{pipeline="pipeline-7"}[1d]))""",
        """count_over_time(ci_run_duration_seconds{run_id="run-4711"}[7d])""",
        """sum by (task) (count_over_time(ci_task_duration_seconds{result="failure"}[1d]))""",
    ];

    public async Task PrintAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("flyball-runs-").FullName;
        try
        {
            Fill(folder);
            await AskAsync(folder, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Fill(string folder)
    {
        var watch = Stopwatch.StartNew();
        using var history = Open(folder);
        var end = TimeProvider.System.GetUtcNow();
        var random = new Random(7);
        for (var from = 0; from < runs; from += 2048)
        {
            history.Take([.. Enumerable.Range(from, Math.Min(2048, runs - from)).Select(i => Run(random, i, end - Span + (Span * ((double)i / runs))))]);
            history.Seal();
        }

        Console.WriteLine($"{runs} runs of {Tasks} tasks written in {watch.Elapsed.TotalSeconds:F1} s, {(double)history.Bytes / runs:F0} bytes per run");
    }

    private static async Task AskAsync(string folder, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        using var history = Open(folder);
        Console.WriteLine($"opened in {watch.Elapsed.TotalMilliseconds:F0} ms");
        await using var log = FileRunLog.Open(
            PhysicalFileSystem.Instance, new RunLogOptions { Directory = Path.Combine(folder, "log") }, TimeProvider.System, log: null);
        await using var tracker = new RunTracker(
            new RunTrackerOptions(), log, spans: null, samples: null, TimeProvider.System, NullLogger<RunTracker>.Instance, history);
        await tracker.StartAsync(cancellationToken);
        var source = new RunSeriesSource(tracker, TimeProvider.System);
        var engine = new PromQLEngine(new PromQLOptions(), TimeProvider.System);
        Console.WriteLine($"{"first ms",9} {"best ms",9} {"series",9}");
        foreach (var question in Questions)
        {
            var times = new List<double>();
            var series = 0;
            for (var round = 0; round < 4; round++)
            {
                watch.Restart();
                var answer = await engine.QueryInstantAsync(
                    source, engine.Parse(question), TimestampMs.Now(TimeProvider.System), QueryLimits.Default, cancellationToken);
                times.Add(watch.Elapsed.TotalMilliseconds);
                series = answer.Series.Count;
            }

            Console.WriteLine($"{times[0],9:F0} {times.Min(),9:F0} {series,9}  {question}");
        }

        Ask(tracker);
        watch.Restart();
        var found = tracker.Find(new RunKey("github", "github.com", "run-4711"));
        Console.WriteLine($"a run by its key: {watch.Elapsed.TotalMilliseconds:F2} ms, {found?.Tasks.Count} tasks");
        Console.WriteLine($"resident: {Environment.WorkingSet >> 20} MiB, of which managed {GC.GetTotalMemory(forceFullCollection: true) >> 20} MiB");
    }

    // As /api/flyball/questions asks them, about all the time there is.
    private static void Ask(RunTracker tracker)
    {
        foreach (var question in QuestionList.All)
        {
            var times = new List<double>();
            var total = 0;
            for (var round = 0; round < 3; round++)
            {
                var watch = Stopwatch.StartNew();
                Arguments.TryRead(question.Parameters, p => p == "this" ? "topic-17" : "", out var arguments, out _);
                using var rows = tracker.Rows();
                var now = TimestampNs.Now(TimeProvider.System);
                var since = new TimestampNs(now.Value - ((ulong)(Span + TimeSpan.FromDays(1)).Ticks * 100));
                var scan = new RunScan(rows, _ => true, tracker.Find) { Since = since, Until = now, Now = now };
                total = question.Ask(scan, arguments).Total;
                times.Add(watch.Elapsed.TotalMilliseconds);
            }

            Console.WriteLine($"{times[0],9:F0} {times.Min(),9:F0} {total,9}  {question.Name}");
        }
    }

    private static RunHistory Open(string folder) => RunHistory.Open(
        new RunHistoryOptions { Directory = Path.Combine(folder, "history") }, PhysicalFileSystem.Instance, TimeProvider.System, log: null);

    private static PipelineRun Run(Random random, int i, DateTimeOffset at)
    {
        var key = new RunKey("github", "github.com", $"run-{i}");
        var trace = key.DeriveTraceId();
        var begin = TimestampNs.From(at).Value / 1_000_000_000 * 1_000_000_000;
        var result = random.Next(25) == 0 ? RunResult.Failure : RunResult.Success;
        ulong After(double seconds) => begin + ((ulong)seconds * 1_000_000_000);
        return new PipelineRun
        {
            Key = key,
            TraceId = trace,
            SpanId = RunKey.DeriveSpanId(trace, RunIds.RunKind),
            Pipeline = $"pipeline-{random.Next(200)}",
            Number = $"{i}",
            State = RunState.Finished,
            Result = result,
            ErrorType = result == RunResult.Failure ? "failure" : "",
            Url = $"https://github.com/acme/service/actions/runs/{i}",
            CreatedAt = new(begin),
            StartedAt = new(After(random.Next(20))),
            FinishedAt = new(After(30 + random.Next(600))),
            EndKnownAt = new(After(631)),
            FirstHeardAt = new(begin),
            Actor = $"developer-{random.Next(300)}",
            Trigger = "push",
            Vcs = new VcsFacts { RepositoryUrl = $"https://github.com/acme/service-{i % 150}", HeadName = i % 3 == 0 ? "main" : $"topic-{i / 50}", Commit = $"{i / 3:x40}" },
            Tasks = [.. Enumerable.Range(0, Tasks).Select(t => new TaskRun
            {
                Key = new TaskKey($"{(i * Tasks) + t}"),
                SpanId = new((ulong)((i * Tasks) + t + 1)),
                Name = $"task-{t}",
                State = RunState.Finished,
                Result = t == Tasks - 1 ? result : RunResult.Success,
                StartedAt = new(After(t * 20)),
                FinishedAt = new(After((t * 20) + random.Next(20))),
                EndKnownAt = new(After(631)),
                Worker = $"runner-{random.Next(40)}",
            })],
        };
    }
}
