using Flyball.Model.Runs;
using Flyball.Model.Spans;

namespace Flyball.Pipelines.History;

/// <summary>A run in memory as a row.</summary>
internal sealed class MemoryRow(PipelineRun run) : RunRow
{
    public override TraceId TraceId => run.TraceId;

    public override int Attempt => run.Key.Attempt;

    public override RunState State => run.State;

    public override Course Course => new(run.CreatedAt, run.StartedAt, run.FinishedAt, run.EndKnownAt, run.Result);

    public override ulong Begin => BeginOf(run);

    public override int TaskCount => run.Tasks.Count;

    /// <summary>What runs are ordered by: when they were triggered, as far as known.</summary>
    public static ulong BeginOf(PipelineRun run) => (run.CreatedAt ?? run.StartedAt ?? run.FirstHeardAt).Value;

    /// <summary>When the last thing in a run ended; 0 if nothing has.</summary>
    public static ulong LastEndOf(PipelineRun run) =>
        run.Tasks.Select(t => t.FinishedAt?.Value ?? 0).Append(run.FinishedAt?.Value ?? 0).Max();

    public override TaskCourse Task(int task)
    {
        var of = run.Tasks[task];
        return new TaskCourse(of.Attempt, of.SoftFail, new Course(of.CreatedAt, of.StartedAt, of.FinishedAt, of.EndKnownAt, of.Result));
    }

    public override string Text(RunColumn column, int task = Whole) => TextOf(run, task < 0 ? null : run.Tasks[task], column);

    public override PipelineRun Read() => run;

    /// <summary>A text column of a run or of one of its attempts.</summary>
    public static string TextOf(PipelineRun run, TaskRun? task, RunColumn column) => column switch
    {
        RunColumn.Actor => run.Actor,
        RunColumn.Branch => run.Vcs.HeadName ?? "",
        RunColumn.Change => run.Vcs.ChangeId ?? "",
        RunColumn.Commit => run.Vcs.Commit ?? "",
        RunColumn.Environment => run.Environment,
        RunColumn.Instance => run.Key.Instance,
        RunColumn.Number => run.Number,
        RunColumn.Pipeline => run.Pipeline,
        RunColumn.Repository => run.Vcs.RepositoryUrl ?? "",
        RunColumn.RunId => run.Key.Run,
        RunColumn.System => run.Key.System,
        RunColumn.Trigger => run.Trigger,
        RunColumn.RunErrorType => run.ErrorType,
        RunColumn.Parent => run.Parent?.ToString() ?? "",
        _ => task is null ? "" : TextOf(task, column),
    };

    /// <summary>A text column of an attempt of a task.</summary>
    public static string TextOf(TaskRun task, RunColumn column) => column switch
    {
        RunColumn.Task => task.Name,
        RunColumn.TaskType => task.Type,
        RunColumn.Stage => task.Stage,
        RunColumn.TaskErrorType => task.ErrorType,
        RunColumn.Worker => task.Worker,
        _ => throw new ArgumentOutOfRangeException(nameof(column), column, "not a text"),
    };
}
