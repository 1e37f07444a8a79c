using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Buildkite;

/// <summary>Turns build and job events into facts. What counts is the objects' state: a fast build's "running" may already say passed.</summary>
internal static class BuildkiteFacts
{
    public const string System = "buildkite";

    /// <summary>Reads an event.</summary>
    /// <param name="sentAt">The signed time of sending; null = not signed.</param>
    public static RunFact? Read(JsonElement root, TimestampNs? sentAt, TimestampNs receivedAt)
    {
        var build = root.At("build");
        if (build.Text("id") is not { } id)
        {
            return null;
        }

        var pipeline = root.At("pipeline");
        var job = root.At("job");
        var seen = sentAt ?? Times.Latest(
            build.Time("created_at"), build.Time("scheduled_at"), build.Time("started_at"), build.Time("failing_at"), build.Time("finished_at"),
            job.Time("started_at"), job.Time("finished_at")) ?? receivedAt;
        return new RunFact
        {
            Run = new RunKey(System, "", id),
            SourceTime = seen,
            ReceivedAt = receivedAt,
            Pipeline = pipeline.Text("slug") ?? pipeline.Text("name"),
            Number = build.Text("number"),
            Url = build.Text("web_url"),
            Actor = build.Text("creator", "name") ?? build.Text("author", "username") ?? build.Text("author", "name"),
            Trigger = build.Text("source"),
            Parent = build.Text("triggered_from", "build_id") is { } parent ? new RunKey(System, "", parent) : null,
            Vcs = Code(build, pipeline),
            Life = BuildLife(build, sentAt),
            Tasks = job.Text("id") is not null && job.Text("type") is null or "script" && job.ValueKind == JsonValueKind.Object ? [ReadJob(job)] : [],
        };
    }

    private static LifeFact BuildLife(JsonElement build, TimestampNs? sentAt)
    {
        var (state, result) = BuildkiteStates.ReadBuild(build.Text("state"));

        // A build that waits for somebody to unblock it says it has finished, and how it was until then.
        if (build.Flag("blocked"))
        {
            (state, result) = (build.Time("started_at") is null ? RunState.Pending : RunState.Executing, null);
        }

        return new LifeFact
        {
            State = state,
            Result = result,
            ErrorType = result is { } bad && bad.IsBad() ? "_OTHER" : null,
            Message = build.Text("cancel_reason"),
            CreatedAt = build.Time("created_at"),
            StartedAt = build.Time("started_at"),
            FinishedAt = state == RunState.Finished ? build.Time("finished_at") : null,
            Cycle = sentAt ?? default,
        };
    }

    private static TaskFact ReadJob(JsonElement job)
    {
        var exit = (int?)job.Integer("exit_status");
        var (state, result) = BuildkiteStates.ReadJob(job.Text("state"), exit, job.Text("signal_reason"));
        return new TaskFact
        {
            Key = new TaskKey(job.Text("id")!),
            Name = NameOf(job),
            Attempt = job.Text("retry_source", "job_id") is null ? null : (int)Math.Clamp((job.Integer("retries_count") ?? 1) + 1, 1, 1000),
            SourceTime = Times.Latest(job.Time("created_at"), job.Time("runnable_at"), job.Time("started_at"), job.Time("finished_at")),
            SoftFail = job.Flag("soft_failed") ? true : null,
            Worker = job.Text("agent", "name"),
            Url = job.Text("web_url"),
            Life = new LifeFact
            {
                State = state,
                Result = result,
                ErrorType = result is { } bad && bad.IsBad() ? job.Text("signal_reason") ?? (exit is null ? "_OTHER" : $"exit_{exit}") : null,
                ExitCode = state == RunState.Finished ? exit : null,
                CreatedAt = job.Time("runnable_at") ?? job.Time("scheduled_at") ?? job.Time("created_at"),
                StartedAt = job.Time("started_at"),
                FinishedAt = state == RunState.Finished ? job.Time("finished_at") ?? job.Time("expired_at") : null,
            },
        };
    }

    private static string? NameOf(JsonElement job)
    {
        var name = job.Text("step_key") ?? job.Text("name");
        var legs = job.Members("matrix").Select(m => m.Value.Text()).OfType<string>().ToArray();
        return legs.Length > 0 ? $"{name} ({string.Join(", ", legs)})"
            : job.Integer("parallel_group_index") is { } index ? $"{name} [{index + 1}/{job.Integer("parallel_group_total")}]"
            : name;
    }

    private static VcsFacts Code(JsonElement build, JsonElement pipeline)
    {
        var repository = pipeline.Text("repository");
        var commit = build.Text("commit");
        return new VcsFacts
        {
            RepositoryUrl = VcsText.RepositoryUrl(repository),
            RepositoryName = VcsText.RepositoryName(repository),
            Owner = VcsText.Owner(repository),
            Provider = VcsText.Provider(repository),

            // "HEAD" until an agent has looked.
            Commit = commit is { Length: >= 7 } && commit.All(char.IsAsciiHexDigit) ? commit : null,
            CommitTitle = VcsText.FirstLine(build.Text("message")),
            HeadName = build.Text("tag") ?? build.Text("branch"),
            HeadType = build.Text("tag") is null ? "branch" : "tag",
            ChangeId = build.Text("pull_request", "id"),
            BaseName = build.Text("pull_request", "base") ?? build.Text("merge_queue", "base_branch"),
        };
    }
}

/// <summary>Buildkite's states in our words.</summary>
internal static class BuildkiteStates
{
    private static readonly HashSet<string> Infrastructure = new(StringComparer.Ordinal)
    {
        "agent_stop", "agent_refused", "process_run_error", "stack_error", "agent_incompatible", "signature_rejected",
    };

    public static (RunState State, RunResult? Result) ReadBuild(string? state) => state switch
    {
        "creating" or "scheduled" or "waiting" => (RunState.Pending, null),
        "canceling" or "timing_out" => (RunState.Finalizing, null),
        "passed" => (RunState.Finished, RunResult.Success),
        "failed" => (RunState.Finished, RunResult.Failure),
        "canceled" => (RunState.Finished, RunResult.Cancellation),
        "timed_out" => (RunState.Finished, RunResult.Timeout),
        "skipped" or "not_run" => (RunState.Finished, RunResult.Skip),
        _ => (RunState.Executing, null),
    };

    public static (RunState State, RunResult? Result) ReadJob(string? state, int? exit, string? signalReason) => state switch
    {
        "pending" or "waiting" or "blocked" or "limiting" or "limited" or "scheduled" or "reserved" or "assigned" or "accepted"
            or "unblocked" or "platform_limiting" or "platform_limited" => (RunState.Pending, null),
        "canceling" or "timing_out" => (RunState.Finalizing, null),
        "passed" => (RunState.Finished, RunResult.Success),
        "failed" or "finished" => (RunState.Finished, ReadEnd(exit, signalReason)),
        "timed_out" or "expired" => (RunState.Finished, RunResult.Timeout),
        "canceled" => (RunState.Finished, RunResult.Cancellation),
        "skipped" or "broken" or "waiting_failed" or "blocked_failed" or "unblocked_failed" => (RunState.Finished, RunResult.Skip),
        _ => (RunState.Executing, null),
    };

    // -1 is what the server notes when an agent was lost.
    private static RunResult ReadEnd(int? exit, string? signalReason) =>
        exit == 0 ? RunResult.Success
        : exit == -1 || (signalReason is not null && Infrastructure.Contains(signalReason)) ? RunResult.Error
        : RunResult.Failure;
}
