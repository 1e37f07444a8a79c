using System.Text.Json;
using Flyball.Pipelines.Connectors;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.GitLab;

/// <summary>Takes GitLab's Pipeline and Job Hooks.</summary>
/// <remarks>Proof: a signing token (<c>whsec_…</c>, with a signed time) or the plain <c>X-Gitlab-Token</c>. An event that carries a signature
/// must be signed well: there is no way back to the token.</remarks>
internal sealed class GitLabConnector(Func<IReadOnlyList<string>> secrets) : IConnector
{
    private const string SigningPrefix = "whsec_";

    public string System => GitLabFacts.System;

    public HookVerdict Read(HookRequest request)
    {
        if (Check(request) is { } refused)
        {
            return refused;
        }

        using var document = Json.Parse(request.Body, out var error);
        if (document is null)
        {
            return HookVerdict.Malformed(error);
        }

        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            return HookVerdict.Malformed("a webhook of GitLab is a JSON object");
        }

        var instance = request.Header("X-Gitlab-Instance");
        var fact = root.Text("object_kind") switch
        {
            "pipeline" => GitLabFacts.ReadPipeline(root, instance, request.ReceivedAt),
            "build" or "job" => GitLabFacts.ReadJob(root, instance, request.ReceivedAt),
            _ => null,
        };
        return fact is not null
            ? new HookVerdict.Facts([fact])
            : root.Text("object_kind") is "pipeline" or "build" or "job"
                ? new HookVerdict.Refused(StatusCodes.Status422UnprocessableEntity, "no_identity", "the event has no pipeline id")
                : new HookVerdict.Ignored(root.Text("object_kind") == "deployment" ? "deployment_of_job" : "other_event");
    }

    private HookVerdict.Refused? Check(HookRequest request)
    {
        var all = secrets();
        if (all.Count == 0)
        {
            return null;
        }

        var signatures = request.Header("webhook-signature");
        if (signatures.Length == 0)
        {
            var tokens = all.Where(s => !s.StartsWith(SigningPrefix, StringComparison.Ordinal)).ToArray();
            return tokens.Length > 0 && SharedSecret.IsOneOf(tokens, request.Header("X-Gitlab-Token"))
                ? null
                : HookVerdict.Unauthorized("X-Gitlab-Token is missing or another one, and there is no webhook-signature");
        }

        var time = request.Header("webhook-timestamp");
        var keys = all.Where(s => s.StartsWith(SigningPrefix, StringComparison.Ordinal))
            .Select(s => Signature.FromBase64(s[SigningPrefix.Length..])).ToArray();
        var prefix = $"{request.Header("webhook-id")}.{time}.";
        var isSigned = signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Where(s => s.StartsWith("v1,", StringComparison.Ordinal))
            .Any(s => Signature.IsHmac(keys, prefix, request.Body, Signature.FromBase64(s["v1,".Length..])));
        return !isSigned ? HookVerdict.Unauthorized("webhook-signature was made with another signing token")
            : Signature.IsFresh(time, request.ReceivedAt, out _) ? null : Signature.Stale;
    }
}
