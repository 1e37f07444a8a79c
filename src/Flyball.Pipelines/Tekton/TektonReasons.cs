using Flyball.Model.Runs;

namespace Flyball.Pipelines.Tekton;

/// <summary>What Tekton's Succeeded condition means.</summary>
internal static class TektonReasons
{
    private static readonly HashSet<string> Pending = new(StringComparer.Ordinal)
    {
        "PipelineRunPending", "TaskRunPending", "Pending", "ExceededResourceQuota", "ExceededNodeResources", "PullImageFailed",
        "ResolvingPipelineRef", "ResolvingTaskRef", "ResolvingStepActionRef", "ToBeRetried",
    };

    private static readonly HashSet<string> Finalizing = new(StringComparer.Ordinal)
    {
        "PipelineRunStopping", "CancelledRunningFinally", "StoppedRunningFinally", "PipelineRunTimeoutRunningFinally", "Cancelled",
    };

    /// <summary>Reads a condition.</summary>
    /// <param name="status"><c>True</c>, <c>False</c>, <c>Unknown</c>; null when there is no condition yet.</param>
    /// <param name="finallyStarted">Whether the run's finally tasks have begun.</param>
    public static (RunState State, RunResult? Result) Read(string? status, string reason, string message, bool finallyStarted) => status switch
    {
        null => (RunState.Pending, null),
        "True" => (RunState.Finished, RunResult.Success),
        "False" => (RunState.Finished, ReadBadEnd(reason, message)),
        _ when Pending.Contains(reason) => (RunState.Pending, null),
        _ when finallyStarted || Finalizing.Contains(reason) => (RunState.Finalizing, null),
        _ => (RunState.Executing, null),
    };

    /// <summary>Whether the failure leaves the run successful.</summary>
    public static bool IsSoft(string reason) => reason == "FailureIgnored";

    private static RunResult ReadBadEnd(string reason, string message) => reason switch
    {
        "Failed" or "StepFailed" or "FailureIgnored" => RunResult.Failure,
        "PipelineRunTimeout" or "TaskRunTimeout" or "CustomRunTimedOut" => RunResult.Timeout,

        // A run that times out cancels its tasks, and only the message tells that from a person who did.
        "Cancelled" or "TaskRunCancelled" or "CustomRunCancelled" or "PipelineRunCancelled" or "CancelledRunFinally" =>
            message.Contains("timed out", StringComparison.OrdinalIgnoreCase) ? RunResult.Timeout : RunResult.Cancellation,

        // All other reasons are the system's own, known ones and those of versions to come.
        _ => RunResult.Error,
    };
}
