using System.Net;
using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.GitHub;

/// <summary>Takes GitHub Actions' webhooks: <c>workflow_run</c>, <c>workflow_job</c>, <c>deployment</c>, <c>deployment_status</c>.</summary>
/// <remarks>Proof: <c>X-Hub-Signature-256</c>. GitHub signs no time and never sends again by itself; the same event twice is the same fact.</remarks>
internal sealed class GitHubConnector(Func<IReadOnlyList<string>> secrets) : IConnector
{
    public string System => GitHubFacts.System;

    public HookVerdict Read(HookRequest request)
    {
        var keys = secrets();
        if (keys.Count > 0 && !IsSigned(keys, request))
        {
            return HookVerdict.Unauthorized("X-Hub-Signature-256 is missing or made with another secret; the SHA-1 header is not enough");
        }

        using var document = Json.Parse(DocumentOf(request.Body), out var error);
        if (document is null)
        {
            return HookVerdict.Malformed(error);
        }

        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            return HookVerdict.Malformed("a webhook of GitHub is a JSON object");
        }

        // Deployment events carry the run that made them too: only the header (or, behind a relay, the object) tells what it is about.
        var kind = request.Header("X-GitHub-Event") is { Length: > 0 } header ? header
            : IsObject(root, "workflow_job") ? "workflow_job"
            : IsObject(root, "deployment") ? "deployment"
            : IsObject(root, "workflow_run") ? "workflow_run" : "";
        return kind switch
        {
            "workflow_run" when IsObject(root, "workflow_run") => Answer(GitHubFacts.ReadRun(root.At("workflow_run"), root, request.ReceivedAt), kind),
            "workflow_job" when IsObject(root, "workflow_job") => Answer(GitHubFacts.ReadJob(root.At("workflow_job"), root, request.ReceivedAt), kind),
            "deployment" or "deployment_status" => ReadDeployment(root, request.ReceivedAt),
            "workflow_run" or "workflow_job" => HookVerdict.Malformed($"a {kind} event needs a {kind} object"),
            _ => new HookVerdict.Ignored("other_event"),
        };
    }

    // "form" is what GitHub proposes for a new webhook: the same document as a field. It signs the form.
    private static ReadOnlyMemory<byte> DocumentOf(ReadOnlyMemory<byte> body)
    {
        var field = "payload="u8;
        if (!body.Span.StartsWith(field))
        {
            return body;
        }

        var end = body.Span.IndexOf((byte)'&');
        return WebUtility.UrlDecodeToBytes(body.ToArray(), field.Length, (end < 0 ? body.Length : end) - field.Length);
    }

    private static HookVerdict ReadDeployment(JsonElement root, TimestampNs receivedAt)
    {
        if (root.Text("deployment_status", "state") == "inactive")
        {
            // A later deployment took its place. How this one ended was told before.
            return new HookVerdict.Ignored("deployment_inactive");
        }

        var facts = GitHubFacts.ReadDeployment(root, receivedAt);
        return facts.Count > 0 ? new HookVerdict.Facts(facts) : new HookVerdict.Ignored("deployment_of_no_run");
    }

    private static bool IsObject(JsonElement root, string name) => root.At(name).ValueKind == JsonValueKind.Object;

    private static HookVerdict Answer(RunFact? fact, string what) => fact is null
        ? new HookVerdict.Refused(StatusCodes.Status422UnprocessableEntity, "no_identity", $"the {what} has no id")
        : new HookVerdict.Facts([fact]);

    private static bool IsSigned(IReadOnlyList<string> keys, HookRequest request)
    {
        const string Prefix = "sha256=";
        var header = request.Header("X-Hub-Signature-256");
        return header.StartsWith(Prefix, StringComparison.Ordinal)
            && Signature.IsHmac(Signature.Keys(keys), "", request.Body, Signature.FromHex(header[Prefix.Length..]));
    }
}
