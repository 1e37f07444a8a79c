namespace Flyball.Pipelines.History;

/// <summary>What can be asked of a run or of one of its task attempts without reading it whole. The numbers stand in files.</summary>
internal enum RunColumn
{
    // Texts of a run.
    Actor = 0,
    Branch = 1,
    Change = 2,
    Commit = 3,
    Environment = 4,
    Instance = 5,
    Number = 6,
    Pipeline = 7,
    Repository = 8,
    RunId = 9,
    System = 10,
    Trigger = 11,
    RunErrorType = 12,

    /// <summary>The run that started it, as <c>RunKey</c> writes it; pages of earlier versions do not have it.</summary>
    Parent = 13,

    // Texts of a task attempt.
    Task = 32,
    TaskType = 33,
    Stage = 34,
    TaskErrorType = 35,
    Worker = 36,

    // Words made from numbers; no column of their own.
    RunAttempt = 64,
    RunResult = 65,
    RunState = 66,
    TraceId = 67,
    TaskAttempt = 68,
    TaskResult = 69,
}

/// <summary>Which kind a column is of.</summary>
internal static class RunColumns
{
    /// <summary>Texts of runs, as files hold them.</summary>
    public static readonly RunColumn[] OfRuns = [.. Enum.GetValues<RunColumn>().Where(c => c < RunColumn.Task)];

    /// <summary>Texts of task attempts, as files hold them.</summary>
    public static readonly RunColumn[] OfTasks = [.. Enum.GetValues<RunColumn>().Where(c => c is >= RunColumn.Task and < RunColumn.RunAttempt)];

    /// <summary>Whether it speaks of task attempts.</summary>
    public static bool IsOfTask(this RunColumn column) =>
        column is (>= RunColumn.Task and < RunColumn.RunAttempt) or RunColumn.TaskAttempt or RunColumn.TaskResult;

    /// <summary>Whether files hold it as text.</summary>
    public static bool IsText(this RunColumn column) => column < RunColumn.RunAttempt;
}
