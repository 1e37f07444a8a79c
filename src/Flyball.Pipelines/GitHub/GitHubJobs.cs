using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.GitHub;

/// <summary>Turns jobs with their steps into attempts of tasks.</summary>
internal static class GitHubJobs
{
    /// <summary>Reads a job.</summary>
    /// <param name="around">What stands beside it in an event: the deployment it waits for or makes.</param>
    public static TaskFact Read(string id, JsonElement job, JsonElement around)
    {
        var (caller, name) = Split(job.Text("name"));
        return new TaskFact
        {
            Key = new TaskKey(id),
            Name = job.Text("name"),
            Stage = caller,
            Attempt = (int)Math.Clamp(job.Integer("run_attempt") ?? 1, 1, 1 << 20),
            Life = Life(job),
            Worker = job.Text("runner_name"),
            Url = job.Text("html_url"),
            Attributes = new FurtherFacts()
                .Add("cicd.worker.id", job.Integer("runner_id") is > 0 ? job.Text("runner_id") : null)
                .Add("flyball.worker.group", job.Text("runner_group_name"))
                .Add("flyball.worker.labels", string.Join(",", job.Items("labels").Select(l => l.Text()).OfType<string>()))
                .Add("flyball.matrix", JobName.MatrixOf(name))
                .Add("deployment.environment.name", around.Text("deployment", "environment"))
                .Add("deployment.id", around.Text("deployment", "id"))
                .AddWaiting(job.Text("status") == "waiting" ? "approval" : null)
                .ToFacts(),
            Steps = [.. job.Items("steps").Where(s => s.Text("number") is not null).Select(ReadStep)],
        };
    }

    // Jobs of a reusable workflow are named "caller / job".
    private static (string? Caller, string? Name) Split(string? name) =>
        name?.IndexOf(" / ", StringComparison.Ordinal) is { } at and > 0 ? (name[..at], name[(at + 3)..]) : (null, name);

    private static LifeFact Life(JsonElement job)
    {
        var completed = job.Time("completed_at");
        var (state, result) = GitHubStates.Read(job.Text("status"), job.Text("conclusion"), completed is not null);
        var started = job.Time("started_at");
        var finished = state == RunState.Finished ? completed : null;
        var hasRun = state != RunState.Pending && result != RunResult.Skip && (job.Integer("runner_id") is > 0 || result != RunResult.Cancellation);
        return new LifeFact
        {
            State = state,
            Result = result,
            ErrorType = GitHubStates.ErrorType(result, job.Text("conclusion")),
            CreatedAt = job.Time("created_at"),

            // Queued jobs carry a start too (that of their creation), skipped ones end before it, and who was cancelled in the queue never
            // had a runner: none of them has begun.
            StartedAt = hasRun ? started : null,
            FinishedAt = finished is { } end && started is { } begin && end < begin ? begin : finished,
        };
    }

    private static StepFact ReadStep(JsonElement step)
    {
        var completed = step.Time("completed_at");
        var (state, result) = GitHubStates.Read(step.Text("status"), step.Text("conclusion"), completed is not null);
        return new StepFact
        {
            Id = step.Text("number")!,
            Name = step.Text("name"),
            Life = new LifeFact
            {
                State = state,
                Result = result,
                ErrorType = GitHubStates.ErrorType(result, step.Text("conclusion")),
                StartedAt = result == RunResult.Skip ? null : step.Time("started_at"),
                FinishedAt = state == RunState.Finished ? completed : null,
            },
        };
    }
}
