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

    private const string MergeReference = "refs/merge-requests/";

    /// <summary>Reads a Pipeline Hook: the pipeline and the latest job of each name.</summary>
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
        var host = HostOf(root, instance, pipeline.Text("url"));
        var project = root.Text("project", "web_url");
        var life = PipelineLife(pipeline, begun);
        return new RunFact
        {
            Run = new RunKey(System, host, id),
            SourceTime = seen,
            ReceivedAt = receivedAt,
            Pipeline = pipeline.Text("name") ?? root.Text("project", "path_with_namespace"),
            Number = pipeline.Text("iid"),
            Url = pipeline.Text("url") ?? (project is null ? null : $"{project}/-/pipelines/{id}"),
            Actor = root.Text("user", "username"),
            Trigger = pipeline.Text("source"),
            Environment = jobs.Where(j => j.Time("started_at") is not null)
                .Select(j => GitLabJobs.TargetOf(j.At("environment"))).LastOrDefault(e => e is not null),
            Parent = ParentOf(root, host),
            Vcs = PipelineCode(root, pipeline),
            Life = life,
            Attributes = new FurtherFacts()
                .AddOrTakeBack("flyball.gitlab.detailed_status", life.State == RunState.Finished ? pipeline.Text("detailed_status") : null)
                .AddWaiting(pipeline.Text("status") == "manual" ? "manual job" : null).ToFacts(),
            Tasks = [.. jobs.Where(j => j.Text("id") is not null).Select(j => GitLabJobs.Read(j, "", project, life.State == RunState.Finished))],
        };
    }

    /// <summary>Reads a Job Hook.</summary>
    public static RunFact? ReadJob(JsonElement root, string instance, TimestampNs receivedAt)
    {
        // The hook was renamed twice; its fields begin with build_ or, from some senders, with job_.
        var prefix = root.Text("build_id") is null ? "job_" : "build_";
        if ((root.Text("pipeline_id") ?? root.Text("commit", "id")) is not { } pipeline || root.Text(prefix + "id") is null)
        {
            return null;
        }

        var host = HostOf(root, instance, null);
        var page = root.Text("project", "web_url") ?? root.Text("repository", "homepage");
        var task = GitLabJobs.Read(root, prefix, page, isPipelineOver: false);
        var code = Code(root);
        var branch = BranchOf(root.Text("ref"));
        return new RunFact
        {
            Run = new RunKey(System, host, pipeline),
            SourceTime = Times.Latest(
                root.Time(prefix + "created_at"), root.Time(prefix + "started_at"), root.Time(prefix + "finished_at")) ?? receivedAt,
            ReceivedAt = receivedAt,

            // "commit" is the pipeline here, and so is its name.
            Pipeline = root.Text("commit", "name") ?? (code.Owner is null ? null : code.Owner + "/" + code.RepositoryName),
            Url = page is null ? null : $"{page}/-/pipelines/{pipeline}",
            Actor = root.Text("user", "username"),
            Environment = root.Time(prefix + "started_at") is null ? null : GitLabJobs.TargetOf(root.At("environment")),
            Parent = ParentOf(root, host),
            Vcs = code with
            {
                Commit = root.Text("sha"),
                HeadName = branch,
                HeadType = HeadTypeOf(branch, root.Flag("tag")),
                ChangeId = ChangeOf(root.Text("ref")),
            },
            Tasks = [task with { Attempt = AttemptOf(root, task.Life!) }],
        };
    }

    /// <summary>Which instance an event or answer is from: the first address in it that names a host.</summary>
    public static string HostOf(JsonElement root, string instance, string? url) =>
        VcsText.Host(root.Text("project", "web_url")) ?? VcsText.Host(url) ?? VcsText.Host(root.Text("repository", "homepage"))
        ?? VcsText.Host(instance) ?? "gitlab.com";

    /// <summary>The branch or tag; null for the references of merge requests, which are no branch.</summary>
    public static string? BranchOf(string? reference) =>
        reference is null || reference.StartsWith(MergeReference, StringComparison.Ordinal) ? null : reference;

    /// <summary>What the head is; a merge request's reference is neither branch nor tag.</summary>
    public static string? HeadTypeOf(string? head, bool isTag) => head is null ? null : isTag ? "tag" : "branch";

    /// <summary>The number of the merge request a reference is of: <c>refs/merge-requests/12/head</c>.</summary>
    public static string? ChangeOf(string? reference) =>
        reference is not null && reference.StartsWith(MergeReference, StringComparison.Ordinal)
            ? reference[MergeReference.Length..].Split('/')[0]
            : null;

    private static LifeFact PipelineLife(JsonElement pipeline, TimestampNs? begun)
    {
        var finished = pipeline.Time("finished_at");
        var (state, result) = GitLabStates.Read(pipeline.Text("status"), reason: null, finished is not null);
        var created = pipeline.Time("created_at");
        return new LifeFact
        {
            State = state,
            Result = result,
            ErrorType = GitLabStates.ErrorType(result, pipeline.Text("failure_reason"), pipeline.Text("status")),
            CreatedAt = created,

            // There is no started_at.
            StartedAt = created is { } at && pipeline.Number("queued_duration") is { } wait and >= 0 and < 1e9
                ? new TimestampNs(at.Value + (ulong)(wait * 1e9))
                : null,
            FinishedAt = state == RunState.Finished ? finished : null,
            Cycle = begun ?? default,
        };
    }

    // How many of its name were retried by now: a job that ended badly may already be one of them, and is counted by name instead.
    private static int? AttemptOf(JsonElement root, LifeFact life)
    {
        var isLatest = life.State != RunState.Finished || life.Result == RunResult.Success;
        return isLatest && root.Integer("retries_count") is { } retries and >= 0 and < 1000 ? (int)retries + 1 : null;
    }

    private static RunKey? ParentOf(JsonElement root, string host) =>
        root.Text("source_pipeline", "pipeline_id") is { } parent
            ? new RunKey(System, VcsText.Host(root.Text("source_pipeline", "project", "web_url")) ?? host, parent)
            : null;

    private static VcsFacts PipelineCode(JsonElement root, JsonElement pipeline)
    {
        var change = root.At("merge_request");
        var reference = pipeline.Text("ref");
        var head = change.Text("source_branch") ?? BranchOf(reference);
        return Code(root) with
        {
            Commit = pipeline.Text("sha"),
            CommitTitle = root.Text("commit", "title"),
            HeadName = head,
            HeadType = HeadTypeOf(head, pipeline.Flag("tag")),
            BaseName = change.Text("target_branch"),
            ChangeId = change.Text("iid") ?? ChangeOf(reference),
            ChangeTitle = change.Text("title"),
        };
    }

    private static VcsFacts Code(JsonElement root)
    {
        // Older Job Hooks have no project; their repository's page is the same.
        var page = root.Text("project", "web_url") ?? root.Text("repository", "homepage");
        var path = root.Text("project", "path_with_namespace");
        return new VcsFacts
        {
            RepositoryUrl = VcsText.RepositoryUrl(page),
            RepositoryName = path is null ? VcsText.RepositoryName(page) : path[(path.LastIndexOf('/') + 1)..],
            Owner = path is null ? VcsText.Owner(page) : path.LastIndexOf('/') is var slash && slash > 0 ? path[..slash] : null,
            Provider = "gitlab",
        };
    }
}
