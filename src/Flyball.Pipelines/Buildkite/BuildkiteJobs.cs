using System.Globalization;
using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Buildkite;

/// <summary>Turns jobs into attempts of tasks: each retry is a job with an id of its own.</summary>
internal static class BuildkiteJobs
{
    private const int LongestCommand = 80;

    /// <summary>The id of a build, job or agent: EventBridge calls it uuid.</summary>
    public static string? IdOf(JsonElement thing) => thing.Text("id") ?? thing.Text("uuid");

    /// <summary>Whether an agent runs it; waits, blocks and triggers are jobs without one.</summary>
    public static bool IsTask(JsonElement job) => IdOf(job) is not null && job.Text("type") is null or "script";

    /// <summary>Reads a job.</summary>
    /// <param name="beside">The agent beside the job: EventBridge puts it there.</param>
    public static TaskFact Read(JsonElement job, JsonElement beside)
    {
        var agent = job.At("agent") is { ValueKind: JsonValueKind.Object } own ? own : beside;
        var exit = (int?)job.Integer("exit_status");
        var finishedAt = job.Time("finished_at") ?? job.Time("expired_at");
        var (state, result) = BuildkiteStates.ReadJob(job, exit, finishedAt is not null);
        var isOver = state == RunState.Finished;
        return new TaskFact
        {
            Key = new TaskKey(IdOf(job)!),
            Name = NameOf(job),
            Stage = job.Text("group_key"),
            Attempt = job.Text("retry_source", "job_id") is null ? null : (int)Math.Clamp((job.Integer("retries_count") ?? 1) + 1, 1, 1000),
            SourceTime = Times.Latest(job.Time("created_at"), job.Time("runnable_at"), job.Time("started_at"), finishedAt),
            SoftFail = job.Flag("soft_failed") ? true : null,
            Worker = agent.Text("name"),
            Url = job.Text("web_url"),
            Attributes = Attributes(job, agent),
            Life = new LifeFact
            {
                State = state,
                Result = result,
                ErrorType = result is { } bad && bad.IsBad() ? BuildkiteStates.ErrorOfJob(job, exit, bad) : null,
                Message = isOver ? job.Text("broken_reason") : null,
                ExitCode = isOver && result != RunResult.Skip ? exit : null,
                CreatedAt = job.Time("runnable_at") ?? job.Time("scheduled_at") ?? job.Time("created_at"),
                StartedAt = job.Time("started_at"),
                FinishedAt = isOver ? finishedAt : null,
            },
        };
    }

    private static string? NameOf(JsonElement job)
    {
        // As Buildkite's own pages call a step without a label.
        var name = job.Text("step_key") ?? job.Text("name") ?? job.Text("label") ?? ShortOf(VcsText.FirstLine(job.Text("command")));
        var legs = job.Members("matrix").Select(m => m.Value.Text()).OfType<string>().ToArray();
        return legs.Length > 0 ? $"{name} ({string.Join(", ", legs)})"
            : job.Integer("parallel_group_index") is { } index ? $"{name} [{index + 1}/{job.Integer("parallel_group_total")}]"
            : name;
    }

    private static string? ShortOf(string? command) => command is { Length: > LongestCommand } ? command[..LongestCommand] : command;

    private static IReadOnlyDictionary<string, string>? Attributes(JsonElement job, JsonElement agent) => new FurtherFacts()
        .Add("cicd.worker.id", IdOf(agent))
        .Add("cicd.worker.url.full", agent.Text("web_url"))
        .Add("flyball.worker.queue", QueueOf(job, agent))
        .Add("flyball.matrix", string.Join(", ", job.Members("matrix").Select(m => $"{m.Name}={m.Value.Text()}")))
        .Add("flyball.parallel.index", (job.Integer("parallel_group_index") + 1)?.ToString(CultureInfo.InvariantCulture))
        .Add("flyball.parallel.total", job.Text("parallel_group_total"))
        .Add("flyball.retry.of", job.Text("retry_source", "job_id"))
        .Add("flyball.retry.type", job.Text("retry_source", "retry_type"))
        .Add("flyball.retried_in", job.Text("retried_in_job_id"))
        .Add("flyball.exit.signal", job.Text("signal"))
        .Add("flyball.concurrency_wait_ms", job.Text("concurrency_wait_time_ms"))
        .ToFacts();

    private static string? QueueOf(JsonElement job, JsonElement agent) =>
        job.Text("cluster_queue", "key") ?? agent.Text("queue")
        ?? job.Items("agent_query_rules").Concat(agent.Items("meta_data"))
            .Select(r => r.Text()).FirstOrDefault(r => r is not null && r.StartsWith("queue=", StringComparison.Ordinal))?["queue=".Length..];
}
