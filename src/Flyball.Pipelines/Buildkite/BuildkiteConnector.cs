using System.Text.Json;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Buildkite;

/// <summary>Takes Buildkite's webhooks about builds, jobs and agents, also by way of Amazon EventBridge.</summary>
/// <remarks>Proof: <c>X-Buildkite-Signature</c> (with a signed time) or the plain <c>X-Buildkite-Token</c>; EventBridge, which keeps neither,
/// may send the token as a bearer token or password.</remarks>
internal sealed class BuildkiteConnector(Func<IReadOnlyList<string>> secrets) : IConnector
{
    public string System => BuildkiteFacts.System;

    public HookVerdict Read(HookRequest request)
    {
        if (Check(request, out var sentAt) is { } refused)
        {
            return refused;
        }

        using var document = Json.Parse(request.Body, out var error);
        if (document is null)
        {
            return HookVerdict.Malformed(error);
        }

        var root = document.RootElement;
        var name = NameOf(root, request);
        if (root.ValueKind != JsonValueKind.Object || name.Length == 0)
        {
            return HookVerdict.Malformed("a webhook of Buildkite is a JSON object with an \"event\", one of EventBridge has a \"detail-type\"");
        }

        root = root.At("detail-type").ValueKind == JsonValueKind.String ? root.At("detail") : root;
        return name.StartsWith("build.", StringComparison.Ordinal) || name.StartsWith("job.", StringComparison.Ordinal)
            ? BuildkiteFacts.Read(name, root, sentAt, request.ReceivedAt) is { } fact
                ? new HookVerdict.Facts([fact])
                : new HookVerdict.Refused(StatusCodes.Status422UnprocessableEntity, "no_identity", $"the {name} event has no build.id")
            : BuildkiteAgents.Read(name, root, sentAt, request.ReceivedAt) is { } worker
                ? new HookVerdict.Worker(worker)
                : new HookVerdict.Ignored("other_event");
    }

    // EventBridge writes "Build Finished" for build.finished.
    private static string NameOf(JsonElement root, HookRequest request) =>
        root.Text("detail-type") is { } type
            ? string.Join('.', type.ToLowerInvariant().Split(' ', 2)).Replace(' ', '_')
            : root.Text("event") ?? request.Header("X-Buildkite-Event");

    private HookVerdict.Refused? Check(HookRequest request, out TimestampNs? sentAt)
    {
        sentAt = null;
        var all = secrets();
        var header = request.Header("X-Buildkite-Signature");
        if (header.Length == 0)
        {
            return SharedSecret.Accepts(all, request.Header("X-Buildkite-Token"), request.Header("Authorization"))
                ? null
                : HookVerdict.Unauthorized("X-Buildkite-Token is missing or another one, and there is no X-Buildkite-Signature");
        }

        var (time, signature) = Split(header);
        var isFresh = Signature.IsFresh(time, request.ReceivedAt, out var signedAt);
        if (all.Count > 0)
        {
            if (!Signature.IsHmac(Signature.Keys(all), time + ".", request.Body, Signature.FromHex(signature)))
            {
                return HookVerdict.Unauthorized("X-Buildkite-Signature was made with another token");
            }

            if (!isFresh)
            {
                return Signature.Stale;
            }
        }

        sentAt = signedAt.Value > 0 ? signedAt : null;
        return null;
    }

    private static (string Time, string Signature) Split(string header)
    {
        var (time, signature) = ("", "");
        foreach (var part in header.Split(','))
        {
            var text = part.Trim();
            time = text.StartsWith("timestamp=", StringComparison.Ordinal) ? text["timestamp=".Length..] : time;
            signature = text.StartsWith("signature=", StringComparison.Ordinal) ? text["signature=".Length..] : signature;
        }

        return (time, signature);
    }
}
