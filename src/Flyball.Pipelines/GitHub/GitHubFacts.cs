using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.GitHub;

/// <summary>Turns workflow runs and jobs, as webhooks and the REST API show them, into facts. An attempt is a run of its own.</summary>
internal static class GitHubFacts
{
    public const string System = "github";

    public static RunFact? ReadRun(JsonElement root, TimestampNs receivedAt)
    {
        var run = root.At("workflow_run");
        if (run.Text("id") is not { } id)
        {
            return null;
        }

        var seen = run.Time("updated_at") ?? run.Time("run_started_at") ?? run.Time("created_at") ?? receivedAt;
        var (state, result) = GitHubStates.Read(run.Text("status"), run.Text("conclusion"));
        var change = run.Items("pull_requests").FirstOrDefault();
        return new RunFact
        {
            Run = Key(root, id, run.Integer("run_attempt")),
            SourceTime = seen,
            ReceivedAt = receivedAt,
            Pipeline = root.Text("workflow", "name") ?? run.Text("name"),
            Number = run.Text("run_number"),
            Url = run.Text("html_url"),
            Actor = run.Text("triggering_actor", "login") ?? run.Text("actor", "login"),
            Trigger = run.Text("event"),
            Vcs = Code(root, run) with
            {
                CommitTitle = VcsText.FirstLine(run.Text("head_commit", "message")) ?? run.Text("display_title"),
                ChangeId = change.Text("number"),
                BaseName = change.Text("base", "ref"),
            },
            Life = new LifeFact
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
            },
        };
    }

    public static RunFact? ReadJob(JsonElement root, TimestampNs receivedAt)
    {
        var job = root.At("workflow_job");
        if (job.Text("id") is not { } id || job.Text("run_id") is not { } run)
        {
            return null;
        }

        var seen = Times.Latest(job.Time("completed_at"), job.Time("started_at"), job.Time("created_at")) ?? receivedAt;
        var environment = root.Text("deployment", "environment");
        return new RunFact
        {
            Run = Key(root, run, job.Integer("run_attempt")),
            SourceTime = seen,
            ReceivedAt = receivedAt,
            Pipeline = job.Text("workflow_name"),
            Environment = environment,
            Vcs = Code(root, job),
            Tasks =
            [
                new TaskFact
                {
                    Key = new TaskKey(id),
                    Name = job.Text("name"),
                    Attempt = (int)Math.Clamp(job.Integer("run_attempt") ?? 1, 1, 1 << 20),
                    Life = JobLife(job),
                    Worker = job.Text("runner_name"),
                    Url = job.Text("html_url"),
                    Attributes = environment is null
                        ? null
                        : new Dictionary<string, string>(StringComparer.Ordinal) { ["deployment.environment.name"] = environment },
                    Steps = [.. job.Items("steps").Where(s => s.Text("number") is not null).Select(ReadStep)],
                },
            ],
        };
    }

    private static LifeFact JobLife(JsonElement job)
    {
        var (state, result) = GitHubStates.Read(job.Text("status"), job.Text("conclusion"));
        var started = job.Time("started_at");
        var finished = state == RunState.Finished ? job.Time("completed_at") : null;
        return new LifeFact
        {
            State = state,
            Result = result,
            ErrorType = GitHubStates.ErrorType(result, job.Text("conclusion")),
            CreatedAt = job.Time("created_at"),

            // Queued jobs carry a start too (that of their creation), and skipped ones end before it.
            StartedAt = state == RunState.Pending || result == RunResult.Skip ? null : started,
            FinishedAt = finished is { } end && started is { } begin && end < begin ? begin : finished,
        };
    }

    private static StepFact ReadStep(JsonElement step)
    {
        var (state, result) = GitHubStates.Read(step.Text("status"), step.Text("conclusion"));
        return new StepFact
        {
            Id = step.Text("number")!,
            Name = step.Text("name"),
            Life = new LifeFact
            {
                State = state,
                Result = result,
                ErrorType = GitHubStates.ErrorType(result, step.Text("conclusion")),
                StartedAt = step.Time("started_at"),
                FinishedAt = state == RunState.Finished ? step.Time("completed_at") : null,
            },
        };
    }

    private static RunKey Key(JsonElement root, string id, long? attempt) => new(
        System, VcsText.Host(root.Text("repository", "html_url")) ?? "github.com", id, (int)Math.Clamp(attempt ?? 1, 1, 1 << 20));

    private static VcsFacts Code(JsonElement root, JsonElement about) => new()
    {
        RepositoryUrl = VcsText.RepositoryUrl(root.Text("repository", "html_url")),
        RepositoryName = root.Text("repository", "name"),
        Owner = root.Text("repository", "owner", "login"),
        Provider = "github",
        HeadName = about.Text("head_branch"),
        Commit = about.Text("head_sha"),
    };
}

/// <summary>GitHub's status and conclusion in our words.</summary>
internal static class GitHubStates
{
    public static (RunState State, RunResult? Result) Read(string? status, string? conclusion) => status switch
    {
        "requested" or "queued" or "pending" or "waiting" => (RunState.Pending, null),
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
        _ => (RunState.Executing, null),
    };

    public static string? ErrorType(RunResult? result, string? conclusion) =>
        result is { } bad && bad.IsBad() ? conclusion ?? "_OTHER" : null;
}
