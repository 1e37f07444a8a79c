using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Api;

/// <summary>Runs as docs/api.md shows them.</summary>
public static class RunJson
{
    /// <summary>Writes a run as one object, as the list and the live stream show it.</summary>
    public static void WriteSummary(Utf8JsonWriter json, PipelineRun run, TimestampNs now)
    {
        json.WriteStartObject();
        WriteFacts(json, run, now);
        WriteTaskCounts(json, run);
        json.WriteEndObject();
    }

    /// <summary>Writes what a run is about, into an object that is open.</summary>
    internal static void WriteFacts(Utf8JsonWriter json, PipelineRun run, TimestampNs now)
    {
        json.WriteString("id", run.TraceId.ToString());
        json.WriteString("system", run.Key.System);
        Text(json, "instance", run.Key.Instance);
        json.WriteString("runId", run.Key.Run);
        json.WriteString("pipeline", run.Pipeline);
        Text(json, "number", run.Number);
        json.WriteNumber("attempt", run.Key.Attempt);
        json.WriteString("state", RunWords.Of(run.State));
        Text(json, "result", RunWords.Of(run.Result));
        Text(json, "errorType", run.ErrorType);
        Text(json, "message", run.Message);
        Text(json, "url", run.Url);
        Time(json, "createdAt", run.CreatedAt ?? run.StartedAt);
        Time(json, "startedAt", run.StartedAt);
        Time(json, "finishedAt", run.FinishedAt);
        Seconds(json, "queueSeconds", run.CreatedAt, run.StartedAt ?? (run.State == RunState.Pending ? now : null));
        Seconds(json, "durationSeconds", run.StartedAt, run.State == RunState.Finished ? run.FinishedAt : now);
        Text(json, "repository", run.Vcs.RepositoryUrl);
        Text(json, "branch", run.Vcs.HeadName);
        Text(json, "commit", run.Vcs.Commit);
        Text(json, "commitTitle", run.Vcs.CommitTitle);
        Text(json, "change", run.Vcs.ChangeId);
        Text(json, "actor", run.Actor);
        Text(json, "trigger", run.Trigger);
        Text(json, "environment", run.Environment);
        Text(json, "parent", run.Parent?.DeriveTraceId().ToString());
        json.WriteString("traceId", run.TraceId.ToString());
    }

    // By task, its last attempt counting.
    private static void WriteTaskCounts(Utf8JsonWriter json, PipelineRun run)
    {
        var tasks = run.Tasks.GroupBy(t => t.Name, StringComparer.Ordinal).ToArray();
        var last = Array.ConvertAll(tasks, g => g.MaxBy(t => t.Attempt)!);
        var retried = tasks.Count(g => g.Select(t => t.Attempt).Distinct().Count() > 1);
        json.WriteStartObject("tasks");
        json.WriteNumber("total", last.Length);
        json.WriteNumber("succeeded", last.Count(t => t.Result == RunResult.Success));
        json.WriteNumber("failed", last.Count(t => t.Result is { } result && result.IsBad()));
        json.WriteNumber("running", last.Count(t => t.State is RunState.Executing or RunState.Finalizing));
        Number(json, "retried", retried > 0 ? retried : null);
        json.WriteEndObject();
    }

    /// <summary>Writes the run's task attempts with their steps.</summary>
    internal static void WriteTasks(Utf8JsonWriter json, PipelineRun run, TimestampNs now)
    {
        json.WriteStartArray("tasks");
        foreach (var task in run.Tasks)
        {
            json.WriteStartObject();
            json.WriteString("id", task.Key.Id);
            json.WriteString("name", task.Name);
            Text(json, "type", task.Type);
            Text(json, "stage", task.Stage);
            json.WriteNumber("attempt", task.Attempt);
            json.WriteString("state", RunWords.Of(task.State));
            Text(json, "result", RunWords.Of(task.Result));
            Text(json, "errorType", task.ErrorType);
            Text(json, "message", task.Message);
            Number(json, "exitCode", task.ExitCode);
            Time(json, "createdAt", task.CreatedAt);
            Time(json, "startedAt", task.StartedAt);
            Time(json, "finishedAt", task.FinishedAt);
            Seconds(json, "durationSeconds", task.StartedAt, task.State == RunState.Finished ? task.FinishedAt : now);
            Text(json, "worker", task.Worker);
            Text(json, "url", task.Url);
            json.WriteString("spanId", task.SpanId.ToString());
            Text(json, "logTail", task.LogTail);
            WriteSteps(json, task, now);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    internal static string Rfc3339(TimestampNs time) => time.ToMs().ToString();

    private static void WriteSteps(Utf8JsonWriter json, TaskRun task, TimestampNs now)
    {
        json.WriteStartArray("steps");
        foreach (var step in task.Steps)
        {
            json.WriteStartObject();
            json.WriteString("name", step.Name);
            json.WriteString("state", RunWords.Of(step.State));
            Text(json, "result", RunWords.Of(step.Result));
            Text(json, "errorType", step.ErrorType);
            Number(json, "exitCode", step.ExitCode);
            Time(json, "startedAt", step.StartedAt);
            Time(json, "finishedAt", step.FinishedAt);
            Seconds(json, "durationSeconds", step.StartedAt, step.State == RunState.Finished ? step.FinishedAt : now);
            json.WriteString("spanId", step.SpanId.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.WriteString(name, value);
        }
    }

    private static void Number(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static void Time(Utf8JsonWriter json, string name, TimestampNs? value)
    {
        if (value is { } time)
        {
            json.WriteString(name, Rfc3339(time));
        }
    }

    private static void Seconds(Utf8JsonWriter json, string name, TimestampNs? from, TimestampNs? until)
    {
        if (from is { } start && until is { } end)
        {
            json.WriteNumber(name, Math.Round(end > start ? (end.Value - start.Value) / 1e9 : 0, 6));
        }
    }
}
