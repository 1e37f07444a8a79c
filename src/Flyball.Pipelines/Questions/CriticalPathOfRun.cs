using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.History;

namespace Flyball.Pipelines.Questions;

/// <summary>What one run's duration consists of: attempts that waited for each other, and the gaps between them.</summary>
internal sealed class CriticalPathOfRun : IQuestion
{
    public string Name => "critical-path";

    public string About => "what did a run spend its time on, and which task was its bottleneck?";

    public IReadOnlyList<Parameter> Parameters { get; } = [new("id", ParameterKind.Run, "", "the run; without it the latest that ended")];

    public Answer Ask(RunScan runs, Arguments with)
    {
        var run = with.Run("id") is { } id
            ? runs.Find(id) ?? throw new UnansweredException($"no run {id} is known; list them at /api/flyball/runs", isMissing: true)
            : runs.NewestFirst().FirstOrDefault(r => r.State == RunState.Finished)?.Read()
                ?? throw new UnansweredException("no run that ended is asked about; widen the filter, or since", isMissing: true);
        var row = new MemoryRow(run);
        var path = new List<PathPart>();
        CriticalPath.Find(row, runs.Now.Value, path, out var lastGap);
        var seconds = runs.SecondsOf(row.Course) ?? 0;
        var onPath = path.Sum(p => p.Seconds);
        var answer = new Answer(
            new("task"), new("attempt", ColumnKind.Count), new("outcome"), new("gapSeconds", ColumnKind.Seconds), new("at", ColumnKind.Time),
            new("durationSeconds", ColumnKind.Seconds), new("share", ColumnKind.Share), new("worker"))
            .With(path, int.MaxValue, p =>
            {
                var task = run.Tasks[p.Task];
                return
                [
                    task.Name, task.Attempt, task.Result is null ? RunWords.Of(task.State) : RunWords.Of(task.Result), p.GapSeconds, new TimestampNs(p.FromNs),
                    p.Seconds, seconds > 0 ? p.Seconds / seconds : 0, task.Worker,
                ];
            });
        answer.Facts.AddRange(
        [
            ("id", run.TraceId), ("repository", run.Vcs.RepositoryUrl), ("pipeline", run.Pipeline), ("number", run.Number), ("branch", run.Vcs.HeadName),
            ("outcome", RunGlance.Of(row).Outcome), ("durationSeconds", seconds), ("pathSeconds", onPath),
            ("gapSeconds", path.Sum(p => p.GapSeconds) + (lastGap / 1e9)), ("lastGapSeconds", lastGap / 1e9),
            ("bottleneck", path.Count == 0 ? null : run.Tasks[path.MaxBy(p => p.UntilNs - p.FromNs).Task].Name),
        ]);
        return answer;
    }
}
