using Flyball.Model.Runs;

namespace Flyball.Pipelines.GitHub;

/// <summary>GitHub's status and conclusion in our words.</summary>
internal static class GitHubStates
{
    /// <summary>Reads where something stands.</summary>
    /// <param name="hasEnd">Whether there is a time of its end: a status nobody knows then is a bad end.</param>
    public static (RunState State, RunResult? Result) Read(string? status, string? conclusion, bool hasEnd) => status switch
    {
        "requested" or "queued" or "pending" or "waiting" or "action_required" => (RunState.Pending, null),
        "in_progress" => (RunState.Executing, null),
        "completed" => conclusion switch
        {
            "success" or "neutral" => (RunState.Finished, RunResult.Success),
            "failure" => (RunState.Finished, RunResult.Failure),
            "timed_out" => (RunState.Finished, RunResult.Timeout),
            "cancelled" or "stale" => (RunState.Finished, RunResult.Cancellation),
            "skipped" => (RunState.Finished, RunResult.Skip),
            "action_required" => (RunState.Pending, null),

            // startup_failure, and what later versions may say.
            _ => (RunState.Finished, RunResult.Error),
        },
        _ => hasEnd ? (RunState.Finished, RunResult.Error) : (RunState.Executing, null),
    };

    /// <summary>Why something ended badly: GitHub says no more than its conclusion.</summary>
    public static string? ErrorType(RunResult? result, string? conclusion) =>
        result is { } bad && bad.IsBad() ? conclusion ?? "_OTHER" : null;

    /// <summary>The conventions know two states of a deployment; the others are none yet.</summary>
    public static string? DeploymentStatus(string? state) => state switch
    {
        "success" => "succeeded",
        "failure" or "error" => "failed",
        _ => null,
    };
}
