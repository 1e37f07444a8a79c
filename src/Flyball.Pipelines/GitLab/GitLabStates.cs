using Flyball.Model.Runs;

namespace Flyball.Pipelines.GitLab;

/// <summary>GitLab's statuses and failure reasons in our words.</summary>
internal static class GitLabStates
{
    private static readonly HashSet<string> Infrastructure = new(StringComparer.Ordinal)
    {
        "runner_system_failure", "scheduler_failure", "data_integrity_failure", "api_failure", "runner_unsupported", "archived_failure",
        "stuck_or_timeout_failure",
    };

    /// <summary>Reads where something stands.</summary>
    /// <param name="hasEnd">Whether there is a time of its end: a status nobody knows then is a bad end.</param>
    public static (RunState State, RunResult? Result) Read(string? status, string? reason, bool hasEnd) => status switch
    {
        "created" or "waiting_for_resource" or "waiting_for_callback" or "preparing" or "pending" or "scheduled" or "manual" => (RunState.Pending, null),
        "running" => (RunState.Executing, null),
        "canceling" => (RunState.Finalizing, null),
        "success" => (RunState.Finished, RunResult.Success),
        "canceled" => (RunState.Finished, RunResult.Cancellation),
        "skipped" => (RunState.Finished, RunResult.Skip),
        "failed" => (RunState.Finished, reason switch
        {
            "job_execution_timeout" => RunResult.Timeout,
            { } word when Infrastructure.Contains(word) => RunResult.Error,
            _ => RunResult.Failure,
        }),
        _ => hasEnd ? (RunState.Finished, RunResult.Error) : (RunState.Executing, null),
    };

    /// <summary>Why something ended badly. "unknown_failure" stands in jobs that did not fail at all.</summary>
    public static string? ErrorType(RunResult? result, string? reason, string? status) =>
        result is not { } bad || !bad.IsBad() ? null
        : reason is not null and not "unknown_failure" ? reason
        : status is not null and not "failed" ? status : "_OTHER";
}
