using System.Globalization;
using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Tekton;

/// <summary>Turns a PipelineRun, TaskRun or CustomRun object (v1 or v1beta1) into facts about its run.</summary>
/// <remarks>The object is a whole snapshot of its kind, so one object is one fact; events and the Kubernetes API give the same objects.
/// Field by field: docs/specs/tekton.md.</remarks>
internal static class TektonFacts
{
    public const string System = "tekton";

    private const string TektonLabel = "tekton.dev/";

    /// <summary>Reads an object.</summary>
    /// <param name="kind"><c>PipelineRun</c>, <c>TaskRun</c> or <c>CustomRun</c>.</param>
    /// <param name="sentAt">When the sender sent it; used when the object itself has no time.</param>
    /// <returns>Null with a reason when it has no identity.</returns>
    public static RunFact? Read(string kind, JsonElement resource, TimestampNs? sentAt, TimestampNs receivedAt, out string error)
    {
        error = "";
        if (resource.Text("metadata", "uid") is not { } uid)
        {
            error = $"the {kind} has no metadata.uid, so it cannot be told from others of its name";
            return null;
        }

        return kind == "PipelineRun"
            ? ReadPipelineRun(uid, resource, sentAt, receivedAt)
            : ReadTask(kind, uid, resource, sentAt, receivedAt);
    }

    private static RunFact ReadPipelineRun(string uid, JsonElement resource, TimestampNs? sentAt, TimestampNs receivedAt)
    {
        var status = resource.At("status");
        var condition = TektonCondition.Read(status, resource.Text("spec", "statusMessage") ?? "");
        var seen = SeenAt(resource, status, condition, sentAt, receivedAt);
        var fact = Frame(new RunKey(System, "", uid), PipelineName(resource), resource, seen, receivedAt, TektonCode.Traceparent(resource, "pipelinerun"));
        return fact with
        {
            Number = resource.Text("metadata", "name"),
            Url = TektonCode.Note(resource, "pipelinesascode.tekton.dev/log-url"),
            Parent = OwnerUid(resource) is { } parent && parent != uid ? new RunKey(System, "", parent) : null,
            Life = condition.ToLife(status, resource.Time("metadata", "creationTimestamp"), seen),
            Tasks = [.. SkippedTasks(status, seen), .. EmbeddedTasks(status, seen)],
        };
    }

    private static RunFact ReadTask(string kind, string uid, JsonElement resource, TimestampNs? sentAt, TimestampNs receivedAt)
    {
        var status = resource.At("status");
        var statusMessage = resource.Text("spec", "statusMessage") ?? "";
        var condition = TektonCondition.Read(status, statusMessage);
        var seen = SeenAt(resource, status, condition, sentAt, receivedAt);
        var owner = OwnerUid(resource);
        var fact = Frame(new RunKey(System, "", owner ?? uid), owner is null ? TaskRefName(resource) : PipelineLabel(resource), resource, seen, receivedAt)
            with { Tasks = TektonAttempts.Read(kind, uid, TaskName(resource), resource, seen) };
        return owner is not null ? fact : fact with
        {
            Number = resource.Text("metadata", "name"),
            Life = condition.ToLife(status, resource.Time("metadata", "creationTimestamp"), seen),
        };
    }

    private static RunFact Frame(
        RunKey run, string? pipeline, JsonElement resource, TimestampNs seen, TimestampNs receivedAt, string? traceparent = null) => new()
    {
        Run = run,
        SourceTime = seen,
        ReceivedAt = receivedAt,
        Pipeline = pipeline,
        Vcs = TektonCode.Read(resource),
        Actor = TektonCode.Actor(resource),
        Trigger = TektonCode.Trigger(resource),
        Environment = TektonCode.Note(resource, TektonCode.Own + "environment"),
        Attributes = TektonCode.Further(resource, traceparent),
    };

    // The condition's time is the time of the state. Ce-Time is not: a controller that restarts sends old states anew.
    private static TimestampNs SeenAt(
        JsonElement resource, JsonElement status, TektonCondition condition, TimestampNs? sentAt, TimestampNs receivedAt) =>
        condition.Since ?? status.Time("completionTime") ?? status.Time("startTime")
        ?? resource.Time("metadata", "creationTimestamp") ?? sentAt ?? receivedAt;

    private static string? OwnerUid(JsonElement resource) =>
        resource.Text("metadata", "labels", TektonLabel + "pipelineRunUID")
        ?? resource.Items("metadata", "ownerReferences").FirstOrDefault(o => o.Text("kind") == "PipelineRun").Text("uid");

    private static string? PipelineLabel(JsonElement resource)
    {
        var label = resource.Text("metadata", "labels", TektonLabel + "pipeline");

        // A pipeline written inside its run has the run's name here: of no use as a name for many runs.
        return label == resource.Text("metadata", "labels", TektonLabel + "pipelineRun") ? null : label;
    }

    private static string? PipelineName(JsonElement resource)
    {
        var name = resource.Text("metadata", "name");
        var label = resource.Text("metadata", "labels", TektonLabel + "pipeline");
        return resource.Text("spec", "pipelineRef", "name")
            ?? (label == name ? null : label)
            ?? TektonCode.Note(resource, "pipelinesascode.tekton.dev/original-prname")
            ?? resource.Items("spec", "pipelineRef", "params").FirstOrDefault(p => p.Text("name") == "name").Text("value")
            ?? resource.Text("metadata", "generateName")?.TrimEnd('-')
            ?? name;
    }

    private static string? TaskRefName(JsonElement resource) =>
        resource.Text("spec", "taskRef", "name") ?? resource.Text("spec", "customRef", "kind")
        ?? resource.Text("metadata", "labels", TektonLabel + "task")
        ?? resource.Text("metadata", "generateName")?.TrimEnd('-') ?? resource.Text("metadata", "name");

    private static string TaskName(JsonElement resource)
    {
        var task = resource.Text("metadata", "labels", TektonLabel + "pipelineTask") ?? TaskRefName(resource) ?? "";
        var name = resource.Text("metadata", "name") ?? "";

        // A matrix makes siblings named RUN-TASK-0, RUN-TASK-1, …: not attempts of one task.
        var leg = name[(name.LastIndexOf('-') + 1)..];
        return int.TryParse(leg, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && name.EndsWith($"-{task}-{leg}", StringComparison.Ordinal) ? $"{task}[{leg}]" : task;
    }

    private static IEnumerable<TaskFact> SkippedTasks(JsonElement status, TimestampNs seen)
    {
        foreach (var skipped in status.Items("skippedTasks"))
        {
            if (skipped.Text("name") is { } name)
            {
                yield return new TaskFact
                {
                    Key = new TaskKey("skipped/" + name),
                    Name = name,
                    Attempt = 1,
                    Life = new LifeFact { State = RunState.Finished, Result = RunResult.Skip, Message = skipped.Text("reason"), FinishedAt = seen },
                };
            }
        }
    }

    /// <summary>Very old objects carry their tasks' statuses inside, without the tasks' ids.</summary>
    private static IEnumerable<TaskFact> EmbeddedTasks(JsonElement status, TimestampNs seen)
    {
        foreach (var (list, kind) in ((string, string)[])[("taskRuns", "TaskRun"), ("runs", "CustomRun")])
        {
            foreach (var child in status.Members(list))
            {
                var name = child.Value.Text("pipelineTaskName") ?? child.Name;
                foreach (var task in TektonAttempts.Read(kind, child.Name, name, child.Value, seen))
                {
                    yield return task with { IsStandIn = true };
                }
            }
        }
    }
}
