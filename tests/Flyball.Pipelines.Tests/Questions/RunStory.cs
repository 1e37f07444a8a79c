using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Pipelines.History;
using Flyball.Pipelines.Questions;
using Flyball.Testing;

namespace Flyball.Pipelines.Tests.Questions;

/// <summary>Runs made by hand; times are seconds after the test clock's start.</summary>
internal static class RunStory
{
    public static TimestampNs At(double seconds) => TimestampNs.From(TestClock.DefaultStart + TimeSpan.FromSeconds(seconds));

    /// <summary>A run that began at a second and took some; null seconds = it goes on.</summary>
    public static PipelineRun Run(string id, double at, double? seconds, RunResult result = RunResult.Success, params TaskRun[] tasks)
    {
        var key = new RunKey("github", "", id);
        return new PipelineRun
        {
            Key = key,
            TraceId = key.DeriveTraceId(),
            SpanId = RunKey.DeriveSpanId(key.DeriveTraceId(), RunIds.RunKind),
            Pipeline = "shop",
            Number = id,
            State = seconds is null ? RunState.Executing : RunState.Finished,
            Result = seconds is null ? null : result,
            CreatedAt = At(at),
            StartedAt = At(at),
            FinishedAt = seconds is { } length ? At(at + length) : null,
            Vcs = new VcsFacts { HeadName = "main", Commit = $"c{id}" },
            Tasks = tasks,
        };
    }

    public static TaskRun Task(string name, double from, double? until, RunResult result = RunResult.Success, int attempt = 1) => new()
    {
        Key = new TaskKey($"{name}-{attempt}"),
        SpanId = new SpanId(1),
        Name = name,
        Attempt = attempt,
        State = until is null ? RunState.Executing : RunState.Finished,
        Result = until is null ? null : result,
        StartedAt = At(from),
        FinishedAt = until is { } end ? At(end) : null,
    };

    public static PipelineRun On(this PipelineRun run, string branch, string? commit = null) =>
        run with { Vcs = run.Vcs with { HeadName = branch, Commit = commit ?? run.Vcs.Commit } };

    public static TraceId IdOf(string id) => new RunKey("github", "", id).DeriveTraceId();

    /// <summary>Asks a question about runs an hour after the clock's start, or later.</summary>
    public static Answer Ask(
        this IQuestion question, IEnumerable<PipelineRun> runs, Func<RunRow, bool>? filter = null, double now = 3600, int limit = 50, params (string Name, string Value)[] with)
    {
        var given = with.ToDictionary(w => w.Name, w => w.Value);
        Assert.True(Arguments.TryRead(question.Parameters, p => given.GetValueOrDefault(p, ""), out var arguments, out var error), error);
        PipelineRun[] newestFirst = [.. runs.OrderByDescending(MemoryRow.BeginOf)];
        using var rows = new RunRows((newestFirst, HistoryView.Empty));
        var scan = new RunScan(rows, filter ?? (_ => true), id => newestFirst.FirstOrDefault(r => r.TraceId == id))
        {
            Since = At(0), Until = At(now + 1), Now = At(now), Limit = limit,
        };
        return question.Ask(scan, arguments);
    }

    public static object?[] Column(this Answer answer, string name) => [.. Enumerable.Range(0, answer.Rows.Count).Select(r => answer.Value(r, name))];
}
