using Flyball.Model.Runs;
using Flyball.Model.Spans;

namespace Flyball.Pipelines.Tracking;

/// <summary>Which parts of a task's name go into its span id, by system (docs/runs.md, "Ids").</summary>
internal static class SpanNames
{
    public static SpanId Task(RunKey run, TraceId trace, TaskKey task) =>
        RunKey.DeriveSpanId(trace, RunIds.TaskKind, Parts(run, task));

    public static SpanId Queue(RunKey run, TraceId trace, TaskKey task) =>
        RunKey.DeriveSpanId(trace, RunIds.QueueKind, Parts(run, task));

    public static SpanId Step(RunKey run, TraceId trace, TaskKey task, string step) =>
        RunKey.DeriveSpanId(trace, RunIds.StepKind, [.. Parts(run, task), step]);

    // Tekton keeps a task's id over its retries, so the retry is part of every name; elsewhere each retry has an id of its own.
    private static string[] Parts(RunKey run, TaskKey task) =>
        run.System == "tekton" || task.Attempt > 0 ? [task.Id, $"{task.Attempt}"] : [task.Id];
}
