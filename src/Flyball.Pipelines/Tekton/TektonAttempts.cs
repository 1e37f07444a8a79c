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

        facts.Add(ReadAttempt(new TaskKey(id, facts.Count), status, specMessage, ready, seen));
        var type = kind == "CustomRun" ? "custom" : null;
        var url = (string?)null;
        return facts.ConvertAll(f => f with
        {
            Name = taskName,
            Type = type,
            Url = url,
            AlsoKnownAs = resource.Text("metadata", "name"),
            Attributes = Attributes(resource, f.Worker),
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
            "OOMKilled" or "Evicted" => RunResult.Error,
            _ => exitCode is 0 ? RunResult.Success : RunResult.Failure,
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

    private static Dictionary<string, string>? Attributes(JsonElement resource, string? pod)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        if (resource.Text("metadata", "name") is { } name)
        {
            attributes["tekton.run.name"] = name;
        }

        if (pod is not null)
        {
            attributes["k8s.pod.name"] = pod;
        }

        return attributes.Count == 0 ? null : attributes;
    }
}
