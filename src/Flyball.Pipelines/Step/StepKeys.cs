using Flyball.Model.Runs;
using Flyball.Model.Spans;

namespace Flyball.Pipelines.Step;

/// <summary>How what flyball-step sends names the runs and tasks that other connectors name too.</summary>
internal static class StepKeys
{
    /// <summary>The task: only our own runs and Tekton keep a task's id over its attempts.</summary>
    public static TaskKey TaskOf(RunKey run, string id, int attempt) =>
        new(id, run.System is "step" or "tekton" ? attempt - 1 : 0);

    /// <summary>The trace a run is in; null for the derived one. Only runs of our own may be in another: the trace of any other system's
    /// run is what its events say, wherever one of its steps found a context to join.</summary>
    public static TraceId? TraceOf(RunKey run, string? hex) =>
        run.System == "step" && TraceId.TryParse(hex, out var trace) && !trace.IsZero ? trace : null;
}
