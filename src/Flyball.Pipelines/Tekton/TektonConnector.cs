using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Tekton;

/// <summary>Takes Tekton's CloudEvents: binary, structured and batch mode.</summary>
/// <remarks>Tekton signs nothing. A secret in the sink's address (<c>/hooks/tekton?token=…</c>) is the proof it can carry; if tokens are set
/// here, an event without one of them is refused.</remarks>
internal sealed class TektonConnector(Func<IReadOnlyList<string>> tokens) : IConnector
{
    private const string TypePrefix = "dev.tekton.event.";

    private static readonly (string Member, string Kind)[] Kinds =
        [("pipelineRun", "PipelineRun"), ("taskRun", "TaskRun"), ("customRun", "CustomRun"), ("run", "CustomRun")];

    public string System => TektonFacts.System;

    public HookVerdict Read(HookRequest request)
    {
        if (!SharedSecret.Accepts(tokens(), request.Query["token"].ToString(), request.Header("Authorization")))
        {
            return HookVerdict.Unauthorized("the sink's address needs ?token=… with one of the configured tokens");
        }

        using var document = Json.Parse(request.Body, out var error);
        if (document is null)
        {
            return HookVerdict.Malformed(error);
        }

        var mode = request.Header("Content-Type");
        return mode.StartsWith("application/cloudevents-batch+json", StringComparison.OrdinalIgnoreCase)
            ? ReadBatch(document.RootElement, request)
            : mode.StartsWith("application/cloudevents+json", StringComparison.OrdinalIgnoreCase)
                ? ReadStructured(document.RootElement, request)
                : ReadEvent(request.Header("Ce-Type"), Json.ParseTime(request.Header("Ce-Time")), document.RootElement, request);
    }

    private static HookVerdict ReadBatch(JsonElement root, HookRequest request)
    {
        if (root.ValueKind != JsonValueKind.Array)
        {
            return HookVerdict.Malformed("a CloudEvents batch is a JSON list");
        }

        var facts = new List<RunFact>();
        HookVerdict.Refused? refused = null;
        foreach (var item in root.EnumerateArray())
        {
            switch (ReadStructured(item, request))
            {
                case HookVerdict.Facts found:
                    facts.AddRange(found.Of);
                    break;
                case HookVerdict.Refused no:
                    refused ??= no;
                    break;
            }
        }

        // One bad event must not make the broker repeat the good ones for ever.
        return facts.Count > 0 ? new HookVerdict.Facts(facts) : refused ?? (HookVerdict)new HookVerdict.Ignored("empty_batch");
    }

    private static HookVerdict ReadStructured(JsonElement item, HookRequest request)
    {
        var type = item.Text("type") ?? "";
        var time = item.Time("time");
        if (item.Text("data_base64") is { } encoded)
        {
            using var data = Decode(encoded, out var error);
            return data is null ? HookVerdict.Malformed(error) : ReadEvent(type, time, data.RootElement, request);
        }

        return ReadEvent(type, time, item.At("data"), request);
    }

    private static JsonDocument? Decode(string base64, out string error)
    {
        var bytes = new byte[base64.Length];
        error = "data_base64 is not base64";
        return Convert.TryFromBase64String(base64, bytes, out var length) ? Json.Parse(bytes.AsMemory(0, length), out error) : null;
    }

    private static HookVerdict ReadEvent(string type, TimestampNs? sentAt, JsonElement data, HookRequest request)
    {
        if (type.StartsWith(TypePrefix + "triggers.", StringComparison.Ordinal))
        {
            return new HookVerdict.Ignored("trigger");
        }

        foreach (var (member, kind) in Kinds)
        {
            if (data.At(member) is { ValueKind: JsonValueKind.Object } resource)
            {
                return TektonFacts.Read(kind, resource, sentAt, request.ReceivedAt, out var error) is { } fact
                    ? new HookVerdict.Facts([fact])
                    : type.Length > 0 && !type.StartsWith(TypePrefix, StringComparison.Ordinal)
                        ? new HookVerdict.Ignored("other_type")
                        : new HookVerdict.Refused(StatusCodes.Status422UnprocessableEntity, "no_identity", error);
            }
        }

        return type.Length == 0
            ? HookVerdict.Malformed("this is no CloudEvent: Ce-Type is missing, and so is a pipelineRun, taskRun or customRun in the body")
            : IsAboutRun(type)
                ? HookVerdict.Malformed($"a {type} event needs a pipelineRun, taskRun or customRun in its body")
                : new HookVerdict.Ignored("other_type");
    }

    private static bool IsAboutRun(string type) => Kinds.Any(k => type.StartsWith($"{TypePrefix}{k.Member}.", StringComparison.OrdinalIgnoreCase));
}
