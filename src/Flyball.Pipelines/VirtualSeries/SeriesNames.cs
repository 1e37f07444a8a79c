namespace Flyball.Pipelines.VirtualSeries;

/// <summary>Names of the series that are made from runs when they are asked for.</summary>
public static class SeriesNames
{
    /// <summary>One sample per finished run, at its end: how long it ran, in seconds.</summary>
    public const string RunDuration = "ci_run_duration_seconds";

    /// <summary>1 from the end of a failed run, 0 from the end of a good one, for a while.</summary>
    public const string RunFailed = "ci_run_failed";

    /// <summary>One sample per finished task attempt, at its end: how long it ran, in seconds.</summary>
    public const string TaskDuration = "ci_task_duration_seconds";

    /// <summary>1 from the end of a failed attempt until a later attempt of the task in the same run succeeds, then 0.</summary>
    public const string TaskFailing = "ci_task_failing";

    /// <summary>All of them, in byte order.</summary>
    public static IReadOnlyList<string> All { get; } = [RunDuration, RunFailed, TaskDuration, TaskFailing];
}
