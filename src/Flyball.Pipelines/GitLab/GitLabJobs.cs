using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.GitLab;

/// <summary>Turns jobs, as hooks and the REST API show them, into attempts of tasks: a retry is a job with an id of its own.</summary>
internal static class GitLabJobs
{
    /// <summary>Reads a job.</summary>
    /// <param name="prefix">What its fields' names begin with: <c>build_</c> in Job Hooks, nothing elsewhere.</param>
    /// <param name="project">The project's page; null if it is not known.</param>
    /// <param name="isPipelineOver">Whether the pipeline has ended; a manual job nobody played by then is skipped.</param>
    public static TaskFact Read(JsonElement job, string prefix, string? project, bool isPipelineOver)
    {
        var id = job.Text(prefix + "id")!;
        var name = job.Text(prefix + "name");
        var life = Life(job, prefix, isPipelineOver);
        return new TaskFact
        {
            Key = new TaskKey(id),
            Name = name,
            Stage = job.Text(prefix + "stage"),
            Url = job.Text("web_url") ?? (project is null ? null : $"{project}/-/jobs/{id}"),
            SoftFail = job.Flag(prefix + "allow_failure") ? true : null,
            Worker = job.Text("runner", "description"),
            Life = life,
            Attributes = Attributes(job, name, life),
        };
    }

    /// <summary>Where a job deploys to; null if it does not: others stop an environment or only look at it.</summary>
    public static string? TargetOf(JsonElement environment) =>
        environment.Text("action") is null or "start" ? environment.Text("name") : null;

    private static IReadOnlyDictionary<string, string>? Attributes(JsonElement job, string? name, LifeFact life)
    {
        var environment = job.At("environment");
        return new FurtherFacts()
            .Add("cicd.worker.id", job.Text("runner", "id"))
            .Add("flyball.worker.tags", string.Join(",", job.Items("runner", "tags").Select(t => t.Text()).OfType<string>()))
            .Add("flyball.matrix", JobName.MatrixOf(name))
            .Add("flyball.parallel.index", JobName.PartOf(name)?.Index)
            .Add("flyball.parallel.total", JobName.PartOf(name)?.Total)
            .Add("artifact.filename", job.Text("artifacts_file", "filename"))
            .Add("flyball.artifact.size", job.Text("artifacts_file", "size"))
            .Add("deployment.environment.name", environment.Text("name"))
            .Add("flyball.deployment.tier", environment.Text("deployment_tier"))
            .Add("flyball.deployment.action", environment.Text("action"))
            .Add("deployment.status", TargetOf(environment) is null ? null : life.Result switch
            {
                RunResult.Success => "succeeded",
                { } bad when bad.IsBad() => "failed",
                _ => null,
            })
            .ToFacts();
    }

    private static LifeFact Life(JsonElement job, string prefix, bool isPipelineOver)
    {
        var status = job.Text(prefix + "status");
        var reason = job.Text(prefix + "failure_reason");
        var started = job.Time(prefix + "started_at");
        var finished = job.Time(prefix + "finished_at");
        var (state, result) = GitLabStates.Read(status, reason, finished is not null);
        if (status == "manual" && isPipelineOver)
        {
            (state, result) = (RunState.Finished, RunResult.Skip);
        }

        return new LifeFact
        {
            State = state,
            Result = result,
            ErrorType = GitLabStates.ErrorType(result, reason, status),
            CreatedAt = ReadyAt(job, prefix, started),
            StartedAt = started,
            FinishedAt = state == RunState.Finished ? finished : null,

            // A manual job that was passed over can still be played: then it begins, which it never had.
            Cycle = started ?? default,
        };
    }

    // All jobs are created with their pipeline; the wait for earlier stages is no queue.
    private static TimestampNs? ReadyAt(JsonElement job, string prefix, TimestampNs? started) =>
        started is { } at && job.Number(prefix + "queued_duration") is { } wait and >= 0 and < 1e9 && at.Value > wait * 1e9
            ? new TimestampNs(at.Value - (ulong)(wait * 1e9))
            : job.Time(prefix + "created_at");
}
