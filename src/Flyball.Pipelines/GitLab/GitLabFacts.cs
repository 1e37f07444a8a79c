using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.GitLab;

/// <summary>Turns Pipeline and Job Hooks into facts.</summary>
/// <remarks>
/// No event says when its state was, so that is the latest time in it. A finished pipeline is reopened by retrying or playing a job: the
/// newest beginning of any of its jobs tells which life an event speaks of.
/// </remarks>
internal static class GitLabFacts
{
    public const string System = "gitlab";

    public static RunFact? ReadPipeline(JsonElement root, string instance, TimestampNs receivedAt)
    {
        var pipeline = root.At("object_attributes");
        if (pipeline.Text("id") is not { } id)
        {
            return null;
        }

        var jobs = root.Items("builds").ToArray();
        var begun = Times.Latest([.. jobs.Select(j => j.Time("created_at")), .. jobs.Select(j => j.Time("started_at"))]);
        var seen = Times.Latest([begun, pipeline.Time("created_at"), pipeline.Time("finished_at"), .. jobs.Select(j => j.Time("finished_at"))])
            ?? receivedAt;
        var (state, result) = GitLabStates.Read(pipeline.Text("status"), reason: null);
        var created = pipeline.Time("created_at");
        var host = HostOf(root, instance, pipeline.Text("url"));
        return new RunFact
        {
            Run = new RunKey(System, host, id),
            SourceTime = seen,
            ReceivedAt = receivedAt,
            Pipeline = pipeline.Text("name") ?? root.Text("project", "path_with_namespace"),
            Number = pipeline.Text("iid"),
            Url = pipeline.Text("url"),
            Actor = root.Text("user", "username"),
            Trigger = pipeline.Text("source"),
            Parent = root.Text("source_pipeline", "pipeline_id") is { } parent ? new RunKey(System, host, parent) : null,
            Vcs = PipelineCode(root, pipeline),
            Life = new LifeFact
            {
                State = state,
                Result = result,
                ErrorType = GitLabStates.ErrorType(result, pipeline.Text("failure_reason")),
                CreatedAt = created,
                StartedAt = created is { } at && pipeline.Number("queued_duration") is { } wait and >= 0 and < 1e9
                    ? new TimestampNs(at.Value + (ulong)(wait * 1e9))
                    : null,
                FinishedAt = state == RunState.Finished ? pipeline.Time("finished_at") : null,
                Cycle = begun ?? default,
            },
            Tasks = [.. jobs.Where(j => j.Text("id") is not null).Select(ReadBuild)],
        };
    }

    public static RunFact? ReadJob(JsonElement root, string instance, TimestampNs receivedAt)
    {
        var id = Field(root, "id").Text();
        if ((root.Text("pipeline_id") ?? root.Text("commit", "id")) is not { } pipeline || id is null)
        {
            return null;
        }

        var started = Field(root, "started_at").Time();
        var finished = Field(root, "finished_at").Time();
        var created = Field(root, "created_at").Time();
        var reason = Field(root, "failure_reason").Text();
        var name = root.Text("commit", "name");
        return new RunFact
        {
            Run = new RunKey(System, HostOf(root, instance, null), pipeline),
            SourceTime = Times.Latest(created, started, finished) ?? receivedAt,
            ReceivedAt = receivedAt,

            // Pipelines without a name get a sentence here that the Pipeline Hook does not have.
            Pipeline = name is null || name.Contains(' ', StringComparison.Ordinal) ? null : name,
            Actor = root.Text("user", "username"),
            Vcs = Code(root) with
            {
                Commit = root.Text("sha"),
                HeadName = root.Text("ref") is { } head && !head.StartsWith("refs/merge-requests/", StringComparison.Ordinal) ? head : null,
                HeadType = root.Flag("tag") ? "tag" : "branch",
            },
            Tasks =
            [
                Task(id, Field(root, "name").Text(), Field(root, "stage").Text(), Field(root, "allow_failure").ValueKind == JsonValueKind.True, root) with
                {
                    Life = Life(Field(root, "status").Text(), reason, created, started, finished),
                },
            ],
        };
    }

    // The hook was renamed twice; its fields begin with build_ or, from some senders, with job_.
    private static JsonElement Field(JsonElement root, string name) =>
        root.At("build_" + name) is { ValueKind: not JsonValueKind.Undefined } field ? field : root.At("job_" + name);

    private static TaskFact ReadBuild(JsonElement job) =>
        Task(job.Text("id")!, job.Text("name"), job.Text("stage"), job.Flag("allow_failure"), job) with
        {
            Life = Life(job.Text("status"), job.Text("failure_reason"), job.Time("created_at"), job.Time("started_at"), job.Time("finished_at")),
        };

    private static TaskFact Task(string id, string? name, string? stage, bool mayFail, JsonElement job) => new()
    {
        Key = new TaskKey(id),
        Name = name,
        Stage = stage,
        SoftFail = mayFail ? true : null,
        Worker = job.Text("runner", "description"),
        Attributes = job.Text("environment", "name") is { } environment
            ? new Dictionary<string, string>(StringComparer.Ordinal) { ["deployment.environment.name"] = environment }
            : null,
    };

    private static LifeFact Life(string? status, string? reason, TimestampNs? created, TimestampNs? started, TimestampNs? finished)
    {
        var (state, result) = GitLabStates.Read(status, reason);
        return new LifeFact
        {
            State = state,
            Result = result,
            ErrorType = GitLabStates.ErrorType(result, reason),
            CreatedAt = created,
            StartedAt = started,
            FinishedAt = state == RunState.Finished ? finished : null,
        };
    }

    private static VcsFacts PipelineCode(JsonElement root, JsonElement pipeline)
    {
        var change = root.At("merge_request");
        var head = pipeline.Text("ref");
        return Code(root) with
        {
            Commit = pipeline.Text("sha"),
            CommitTitle = root.Text("commit", "title"),
            HeadName = change.Text("source_branch") ?? head,
            HeadType = pipeline.Flag("tag") ? "tag" : "branch",
            BaseName = change.Text("target_branch"),
            ChangeId = change.Text("iid"),
            ChangeTitle = change.Text("title"),
        };
    }

    private static VcsFacts Code(JsonElement root)
    {
        var path = root.Text("project", "path_with_namespace");
        return new VcsFacts
        {
            RepositoryUrl = VcsText.RepositoryUrl(root.Text("project", "web_url") ?? root.Text("repository", "homepage")),
            RepositoryName = path?[(path.LastIndexOf('/') + 1)..],
            Owner = path is not null && path.LastIndexOf('/') is var slash && slash > 0 ? path[..slash] : null,
            Provider = "gitlab",
        };
    }

    private static string HostOf(JsonElement root, string instance, string? url) =>
        VcsText.Host(root.Text("project", "web_url")) ?? VcsText.Host(url) ?? VcsText.Host(root.Text("repository", "homepage"))
        ?? VcsText.Host(instance) ?? "gitlab.com";
}

/// <summary>GitLab's statuses and failure reasons in our words.</summary>
internal static class GitLabStates
{
    private static readonly HashSet<string> Infrastructure = new(StringComparer.Ordinal)
    {
        "runner_system_failure", "scheduler_failure", "data_integrity_failure", "api_failure", "runner_unsupported", "archived_failure",
        "stuck_or_timeout_failure",
    };

    public static (RunState State, RunResult? Result) Read(string? status, string? reason) => status switch
    {
        "created" or "waiting_for_resource" or "waiting_for_callback" or "preparing" or "pending" or "scheduled" or "manual" => (RunState.Pending, null),
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
        _ => (RunState.Executing, null),
    };

    // "unknown_failure" stands in jobs that did not fail at all.
    public static string? ErrorType(RunResult? result, string? reason) =>
        result is { } bad && bad.IsBad() ? (reason is null or "unknown_failure" ? "_OTHER" : reason) : null;
}
