using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Buildkite;

/// <summary>Buildkite's states in our words.</summary>
internal static class BuildkiteStates
{
    private static readonly HashSet<string> Infrastructure = new(StringComparer.Ordinal)
    {
        "agent_stop", "agent_refused", "process_run_error", "stack_error", "agent_incompatible", "signature_rejected",
    };

    /// <summary>Reads a build's state.</summary>
    /// <param name="hasEnd">Whether there is a time of its end: a word nobody knows then is a bad end.</param>
    public static (RunState State, RunResult? Result) ReadBuild(string? state, bool hasEnd) => state switch
    {
        "creating" or "scheduled" or "waiting" => (RunState.Pending, null),
        "running" or "started" or "failing" or "blocked" => (RunState.Executing, null),
        "canceling" or "timing_out" => (RunState.Finalizing, null),
        "passed" => (RunState.Finished, RunResult.Success),
        "failed" => (RunState.Finished, RunResult.Failure),
        "canceled" => (RunState.Finished, RunResult.Cancellation),
        "timed_out" => (RunState.Finished, RunResult.Timeout),
        "skipped" or "not_run" => (RunState.Finished, RunResult.Skip),
        _ => hasEnd ? (RunState.Finished, RunResult.Error) : (RunState.Executing, null),
    };

    /// <summary>Why a build ended badly: itself it says no more than the state; a word nobody knows is kept.</summary>
    public static string ErrorOfBuild(string? state) => state is null || state == "failed" ? "_OTHER" : state;

    /// <summary>Reads a job's state.</summary>
    public static (RunState State, RunResult? Result) ReadJob(JsonElement job, int? exit, bool hasEnd) => job.Text("state") switch
    {
        "pending" or "waiting" or "blocked" or "limiting" or "limited" or "scheduled" or "reserved" or "assigned" or "accepted"
            or "unblocked" or "platform_limiting" or "platform_limited" => (RunState.Pending, null),
        "running" or "started" => (RunState.Executing, null),
        "canceling" or "timing_out" => (RunState.Finalizing, null),
        "passed" => (RunState.Finished, RunResult.Success),
        "failed" or "finished" => (RunState.Finished, ReadEnd(exit ?? (job.Flag("passed") ? 0 : null), job.Text("signal_reason"))),
        "timed_out" or "expired" => (RunState.Finished, RunResult.Timeout),
        "canceled" => (RunState.Finished, RunResult.Cancellation),
        "skipped" or "broken" or "not_run" or "waiting_failed" or "blocked_failed" or "unblocked_failed" => (RunState.Finished, RunResult.Skip),
        _ => hasEnd ? (RunState.Finished, RunResult.Error) : (RunState.Executing, null),
    };

    /// <summary>Why a job ended badly.</summary>
    public static string ErrorOfJob(JsonElement job, int? exit, RunResult result) =>
        result == RunResult.Timeout ? job.Text("state")!
        : job.Text("signal_reason") ?? (exit is not null ? $"exit_{exit}"
        : job.Text("state") is { } word && word is not ("failed" or "finished") ? word : "_OTHER");

    // -1 is what the server notes when an agent was lost.
    private static RunResult ReadEnd(int? exit, string? signalReason) =>
        exit == 0 ? RunResult.Success
        : exit == -1 || (signalReason is not null && Infrastructure.Contains(signalReason)) ? RunResult.Error
        : RunResult.Failure;
}
