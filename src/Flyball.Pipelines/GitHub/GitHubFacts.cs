using System.Globalization;
using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.GitHub;

/// <summary>Turns workflow runs and jobs, as webhooks and the REST API show them, into facts. An attempt is a run of its own.</summary>
internal static class GitHubFacts
{
    public const string System = "github";

    /// <summary>Reads an attempt of a workflow run.</summary>
    /// <param name="run">The run as a <c>workflow_run</c> event or the REST API shows it.</param>
    /// <param name="around">What stands beside it in an event; the run itself where it has all of that inside.</param>
    public static RunFact? ReadRun(JsonElement run, JsonElement around, TimestampNs receivedAt)
    {
        if (run.Text("id") is not { } id)
        {
            return null;
        }

        var seen = run.Time("updated_at") ?? run.Time("run_started_at") ?? run.Time("created_at") ?? receivedAt;
        var (state, result) = GitHubStates.Read(run.Text("status"), run.Text("conclusion"), hasEnd: false);
        var change = run.Items("pull_requests").FirstOrDefault();
        var isChange = run.Text("event")?.StartsWith("pull_request", StringComparison.Ordinal) ?? false;
        var key = Key(around, run, id, run.Integer("run_attempt"));
        return new RunFact
        {
            Run = key,
            SourceTime = seen,
            ReceivedAt = receivedAt,
            Pipeline = around.Text("workflow", "name") ?? run.Text("name"),
            Number = run.Text("run_number"),
            Url = UrlOf(run, key.Attempt),
            Actor = run.Text("triggering_actor", "login") ?? run.Text("actor", "login"),
            Trigger = run.Text("event"),
            Links = key.Attempt > 1 ? [key with { Attempt = AttemptBefore(run, key.Attempt) }] : null,
            Vcs = Code(around, run) with
            {
                HeadType = isChange ? "branch" : null,
                CommitTitle = VcsText.FirstLine(run.Text("head_commit", "message")) ?? run.Text("display_title"),
                ChangeId = change.Text("number"),
                ChangeTitle = isChange ? run.Text("display_title") : null,
                BaseName = change.Text("base", "ref"),
            },
            Attributes = new FurtherFacts()
                .Add("flyball.github.workflow.path", run.Text("path"))
                .AddWaiting(run.Text("status") == "waiting" || run.Text("conclusion") == "action_required" ? "approval" : null).ToFacts(),
            Life = RunLife(run, state, result, seen),
        };
    }

    private static LifeFact RunLife(JsonElement run, RunState state, RunResult? result, TimestampNs seen) => new()
    {
        State = state,
        Result = result,
        ErrorType = GitHubStates.ErrorType(result, run.Text("conclusion")),

        // created_at stays that of the first attempt; later attempts begin when somebody asks for them.
        CreatedAt = run.Integer("run_attempt") > 1 ? run.Time("run_started_at") : run.Time("created_at"),
        StartedAt = state == RunState.Pending ? null : run.Time("run_started_at"),
        FinishedAt = state == RunState.Finished ? seen : null,

        // updated_at moves on when somebody edits an ended run: the first end counts, so it gets the greatest order.
        Cycle = state == RunState.Finished ? new TimestampNs(ulong.MaxValue - seen.Value) : default,
    };

    private static int AttemptBefore(JsonElement run, int attempt) =>
        run.Text("previous_attempt_url") is { } url && int.TryParse(url[(url.LastIndexOf('/') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var told)
            && told > 0 && told < attempt ? told : attempt - 1;

    // The page of the run shows its last attempt; earlier ones have pages of their own.
    private static string? UrlOf(JsonElement run, int attempt) =>
        run.Text("html_url") is { } url ? attempt > 1 && !url.Contains("/attempts/", StringComparison.Ordinal) ? $"{url}/attempts/{attempt}" : url : null;

    /// <summary>Reads an attempt of a job.</summary>
    /// <param name="job">The job as a <c>workflow_job</c> event or the REST API shows it.</param>
    /// <param name="around">What stands beside it in an event.</param>
    public static RunFact? ReadJob(JsonElement job, JsonElement around, TimestampNs receivedAt)
    {
        if (job.Text("id") is not { } id || job.Text("run_id") is not { } run)
        {
            return null;
        }

        var seen = Times.Latest(job.Time("completed_at"), job.Time("started_at"), job.Time("created_at")) ?? receivedAt;
        return new RunFact
        {
            Run = Key(around, job, run, job.Integer("run_attempt")),
            SourceTime = seen,
            ReceivedAt = receivedAt,
            Pipeline = job.Text("workflow_name"),
            Environment = around.Text("deployment", "environment"),
            Vcs = Code(around, job),
            Tasks = [GitHubJobs.Read(id, job, around)],
        };
    }

    /// <summary>Reads a deployment's event: the run that made it as it was then, and how the deployment stands; nothing if no run made it.</summary>
    public static IReadOnlyList<RunFact> ReadDeployment(JsonElement root, TimestampNs receivedAt)
    {
        var deployment = root.At("deployment");
        var status = root.At("deployment_status");
        return ReadRun(root.At("workflow_run"), root, receivedAt) is not { } run ? [] :
        [
            run,
            new RunFact
            {
                Run = run.Run,
                SourceTime = status.Time("updated_at") ?? deployment.Time("updated_at") ?? receivedAt,
                ReceivedAt = receivedAt,
                Environment = status.Text("environment") ?? deployment.Text("environment"),

                // Of several deployments of a run the latest counts; that an earlier one succeeded says nothing of it.
                Attributes = new FurtherFacts()
                    .Add("deployment.id", deployment.Text("id"))
                    .Add("deployment.name", deployment.Text("task"))
                    .AddOrTakeBack("deployment.status", GitHubStates.DeploymentStatus(status.Text("state")))
                    .ToFacts(),
            },
        ];
    }

    private static RunKey Key(JsonElement around, JsonElement about, string id, long? attempt) => new(
        System, VcsText.Host(around.Text("repository", "html_url")) ?? VcsText.Host(about.Text("html_url")) ?? "github.com", id,
        (int)Math.Clamp(attempt ?? 1, 1, 1 << 20));

    private static VcsFacts Code(JsonElement around, JsonElement about) => new()
    {
        RepositoryUrl = VcsText.RepositoryUrl(around.Text("repository", "html_url")),
        RepositoryName = around.Text("repository", "name"),
        Owner = around.Text("repository", "owner", "login"),
        Provider = "github",
        HeadName = about.Text("head_branch"),
        Commit = about.Text("head_sha"),
    };
}
