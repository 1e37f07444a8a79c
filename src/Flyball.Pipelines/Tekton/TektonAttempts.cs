using System.Globalization;
using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Tekton;

/// <summary>Reads the attempts of a TaskRun or CustomRun: earlier ones stand whole in <c>retriesStatus</c>, the present one in <c>status</c>.</summary>
internal static class TektonAttempts
{
    public static IReadOnlyList<TaskFact> Read(string kind, string id, string taskName, JsonElement resource, TimestampNs seen)
    {
        var status = resource.At("status");
        var specMessage = resource.Text("spec", "statusMessage") ?? "";
        var ready = resource.Time("metadata", "creationTimestamp");
        var facts = new List<TaskFact>();
        foreach (var earlier in status.Items("retriesStatus"))
        {
            var fact = ReadAttempt(new TaskKey(id, facts.Count), earlier, specMessage, ready, seen);
            facts.Add(fact);
            ready = fact.Life!.FinishedAt ?? ready;
        }

        var last = ReadAttempt(new TaskKey(id, facts.Count), status, specMessage, ready, seen);

        // Who runs a CustomRun may leave the first attempt's start in the status.
        facts.Add(facts.Count > 0 && last.Life!.StartedAt < ready ? last with { Life = last.Life with { StartedAt = ready } } : last);
        var type = kind == "CustomRun" ? "custom" : null;
        var url = (string?)null;
        return facts.ConvertAll(f => f with
        {
            Name = taskName,
            Type = type,
            Url = url,
            AlsoKnownAs = resource.Text("metadata", "name"),
            Attributes = Attributes(resource, taskName, f),
        });
    }

    private static TaskFact ReadAttempt(TaskKey key, JsonElement status, string specMessage, TimestampNs? ready, TimestampNs seen)
    {
        var condition = TektonCondition.Read(status, specMessage);
        var time = condition.Since ?? status.Time("completionTime") ?? seen;
        var steps = StepsOf(status, condition);
        var life = condition.ToLife(status, ready, seen);
        return new TaskFact
        {
            Key = key,
            SourceTime = time,
            Attempt = key.Attempt + 1,
            SoftFail = TektonReasons.IsSoft(condition.Reason) ? true : null,
            Worker = status.Text("podName"),
            Life = life with { ExitCode = ExitCodeOf(steps, life) },
            Steps = steps,
        };
    }

    // Between two attempts the status still lists the steps of the one that failed: they are in retriesStatus already.
    private static List<StepFact> StepsOf(JsonElement status, TektonCondition condition) =>
        condition.Reason == "ToBeRetried" ? [] : [.. status.Items("steps").Select(ReadStep)];

    private static StepFact ReadStep(JsonElement step, int index) => new()
    {
        Id = $"{index}",
        Name = step.Text("name") ?? step.Text("container"),
        Life = step.At("terminated") is { ValueKind: JsonValueKind.Object } ended
            ? Ended(step, ended)
            : step.At("running") is { ValueKind: JsonValueKind.Object } running
                ? new LifeFact { State = RunState.Executing, StartedAt = running.Time("startedAt") }
                : new LifeFact { State = RunState.Pending },
    };

    private static LifeFact Ended(JsonElement step, JsonElement ended)
    {
        var exitCode = (int?)ended.Integer("exitCode");
        var reason = step.Text("terminationReason") ?? ended.Text("reason") ?? "";
        var result = reason switch
        {
            "Skipped" => RunResult.Skip,
            "Cancelled" or "TaskRunCancelled" => RunResult.Cancellation,
            "TimeoutExceeded" or "TaskRunTimeout" => RunResult.Timeout,
            "" or "Completed" or "Error" or "Continued" => exitCode is 0 ? RunResult.Success : RunResult.Failure,

            // OOMKilled, Evicted, ContainerCannotRun, TaskRunImagePullFailed, …: not the command's doing.
            _ => exitCode is 0 ? RunResult.Success : RunResult.Error,
        };
        return new LifeFact
        {
            State = RunState.Finished,
            Result = result,
            ErrorType = result.IsBad() ? (reason.Length > 0 ? reason : "_OTHER") : null,
            ExitCode = result == RunResult.Skip ? null : exitCode,
            StartedAt = ended.Time("startedAt"),
            FinishedAt = ended.Time("finishedAt"),
        };
    }

    private static int? ExitCodeOf(List<StepFact> steps, LifeFact life)
    {
        if (life.State != RunState.Finished)
        {
            return null;
        }

        var failed = steps.Find(s => s.Life is { Result: RunResult.Failure or RunResult.Error or RunResult.Timeout, ExitCode: not null });
        return failed?.Life!.ExitCode ?? (life.Result == RunResult.Success && steps.Count > 0 ? 0 : null);
    }

    private static IReadOnlyDictionary<string, string>? Attributes(JsonElement resource, string taskName, TaskFact attempt) => new FurtherFacts()
        .Add("tekton.run.name", resource.Text("metadata", "name"))
        .Add("k8s.pod.name", attempt.Worker)
        .Add(FurtherFacts.Traceparent, TektonCode.Traceparent(resource, "taskrun"))
        .Add("flyball.pod_wait_seconds", PodWait(attempt))
        .Add("flyball.matrix", taskName.EndsWith(']') ? MatrixOf(resource) : null)
        .Add("flyball.finally", resource.Text("metadata", "labels", "tekton.dev/memberOf") == "finally" ? "true" : null)
        .ToFacts();

    // From the attempt's start to its first step a pod is found a node, its images and volumes.
    private static string? PodWait(TaskFact attempt)
    {
        var first = attempt.Steps.Select(s => s.Life?.StartedAt).OfType<TimestampNs>().DefaultIfEmpty().Min();
        return attempt.Life?.StartedAt is { } started && first > started
            ? ((first.Value - started.Value) / 1e9).ToString("0.###", CultureInfo.InvariantCulture)
            : null;
    }

    private static string MatrixOf(JsonElement resource) => string.Join(", ", resource.Items("spec", "params")
        .Where(p => p.Text("name") is not null && p.Text("value") is not null).Select(p => $"{p.Text("name")}={p.Text("value")}"));
}
