using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Step;

/// <summary>Takes the announcements of flyball-step that something has started, so that it shows while it runs; its span tells the end.</summary>
internal sealed class StepConnector(Func<IReadOnlyList<string>> tokens) : IConnector
{
    public string System => "step";

    public HookVerdict Read(HookRequest request)
    {
        if (!SharedSecret.Accepts(tokens(), request.Query["token"].ToString(), request.Header("Authorization")))
        {
            return HookVerdict.Unauthorized("a bearer token is needed here; give flyball-step one of the configured tokens");
        }

        using var document = Json.Parse(request.Body, out var error);
        if (document is null)
        {
            return HookVerdict.Malformed(error);
        }

        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            return HookVerdict.Malformed("an announcement is a JSON object");
        }

        if (root.Text("event") != "started")
        {
            return new HookVerdict.Refused(
                StatusCodes.Status422UnprocessableEntity, "unknown_event", $"event is \"{root.Text("event")}\"; only \"started\" is known");
        }

        return root.Text("runId") is { } run && root.Time("at") is { } at
            ? new HookVerdict.Facts([ToFact(root, run, at, request.ReceivedAt)])
            : HookVerdict.Malformed("an announcement needs \"runId\" and \"at\", a time in RFC 3339");
    }

    private static RunFact ToFact(JsonElement root, string run, TimestampNs at, TimestampNs receivedAt)
    {
        var key = new RunKey(root.Text("system") ?? "step", root.Text("instance") ?? "", run, (int)Math.Clamp(root.Integer("attempt") ?? 1, 1, 1 << 20));
        var task = root.Text("taskId") ?? root.Text("task");
        var fact = new RunFact
        {
            Run = key,
            SourceTime = at,
            ReceivedAt = receivedAt,
            TraceId = StepKeys.TraceOf(key, root.Text("traceId")),
            Pipeline = root.Text("pipeline"),
            Number = root.Text("number"),
            Actor = root.Text("actor"),
            Trigger = root.Text("trigger"),
            Vcs = new VcsFacts
            {
                Commit = root.Text("commit"),
                HeadName = root.Text("branch"),
                RepositoryUrl = VcsText.RepositoryUrl(root.Text("repository")),
            },
        };
        var span = SpanId.TryParse(root.Text("spanId"), out var parsed) ? parsed : (SpanId?)null;
        var began = new LifeFact { State = RunState.Executing, StartedAt = at };
        return task is null
            ? fact with { SentSpanId = span, Url = root.Text("url"), Life = began with { Cycle = at } }
            : fact with { Tasks = [ToTask(root, key, task, span, began)] };
    }

    private static TaskFact ToTask(JsonElement root, RunKey run, string task, SpanId? span, LifeFact began)
    {
        var attempt = (int)Math.Clamp(root.Integer("taskAttempt") ?? 1, 1, 1 << 20);
        var fact = new TaskFact { Key = StepKeys.TaskOf(run, task, attempt), Name = root.Text("task"), Worker = root.Text("worker") };
        return root.Text("step") is { } step && span is { } id
            ? fact with { Steps = [new StepFact { Id = id.ToString(), Name = step, SentSpanId = span, Life = began }] }
            : fact with { Attempt = attempt, SentSpanId = span, Url = root.Text("url"), Life = began };
    }
}
