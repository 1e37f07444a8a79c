using System.Text;
using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Tekton;

/// <summary>Finds out which code a Tekton run is about: Tekton itself does not know, those who start runs leave notes on it.</summary>
/// <remarks>In order of trust: Pipelines-as-Code, Konflux, type hints in results and parameters, parameters by convention.</remarks>
internal static class TektonCode
{
    /// <summary>What labels and annotations begin with that authors of pipelines leave for us: <c>flyball/environment</c>, …</summary>
    public const string Own = "flyball/";

    private const string AsCode = "pipelinesascode.tekton.dev/";
    private const string Konflux = "build.appstudio.redhat.com/";

    public static VcsFacts Read(JsonElement resource)
    {
        var url = Note(resource, AsCode + "repo-url") ?? Result(resource, "CHAINS-GIT_URL") ?? Result(resource, "url")
            ?? Parameter(resource, "CHAINS-GIT_URL", "git-url", "repo-url");
        var change = Note(resource, AsCode + "pull-request") ?? Note(resource, Konflux + "pull_request_number");

        // Of a change both note the branch it goes to; where it comes from only newer ones tell.
        var noted = Note(resource, AsCode + "branch") ?? Note(resource, Konflux + "target_branch");
        var head = Note(resource, AsCode + "source-branch") ?? (change is null ? noted : null);
        var target = change is null ? null : Branch(noted);
        return new VcsFacts
        {
            Commit = Note(resource, AsCode + "sha") ?? Note(resource, Konflux + "commit_sha") ?? Result(resource, "CHAINS-GIT_COMMIT")
                ?? Result(resource, "commit") ?? CommitParameter(resource),
            CommitTitle = Note(resource, AsCode + "sha-title"),
            RepositoryUrl = VcsText.RepositoryUrl(url),
            RepositoryName = Note(resource, AsCode + "url-repository") ?? VcsText.RepositoryName(url),
            Owner = Note(resource, AsCode + "url-org") ?? VcsText.Owner(url),
            Provider = Note(resource, AsCode + "git-provider") is { } provider ? provider.Split('-')[0] : VcsText.Provider(url),
            HeadName = Branch(head),
            HeadType = head is null ? null : head.StartsWith("refs/tags/", StringComparison.Ordinal) ? "tag" : "branch",
            BaseName = target,
            ChangeId = change,
        };
    }

    public static string? Actor(JsonElement resource) => Note(resource, AsCode + "sender");

    public static string? Trigger(JsonElement resource) =>
        Note(resource, AsCode + "event-type") ?? Note(resource, "triggers.tekton.dev/trigger") ?? Note(resource, "triggers.tekton.dev/eventlistener");

    /// <summary>Where it runs, the images it made, and what its author noted under <see cref="Own"/>.</summary>
    /// <param name="traceparent">The span the controller made of it; null where it made none.</param>
    public static IReadOnlyDictionary<string, string>? Further(JsonElement resource, string? traceparent)
    {
        var facts = new FurtherFacts()
            .Add(FurtherFacts.Traceparent, traceparent)
            .Add("k8s.namespace.name", resource.Text("metadata", "namespace"))
            .Add("artifact.filename", Result(resource, "CHAINS-IMAGE_URL"))
            .Add("artifact.hash", Result(resource, "CHAINS-IMAGE_DIGEST"));
        foreach (var note in resource.Members("metadata", "labels").Concat(resource.Members("metadata", "annotations")))
        {
            if (note.Name.StartsWith(Own, StringComparison.Ordinal) && note.Name.Length > Own.Length)
            {
                facts.Add("flyball." + note.Name[Own.Length..], note.Value.Text());
            }
        }

        return facts.ToFacts();
    }

    /// <summary>The span the controller makes of an object, where it traces.</summary>
    /// <param name="kind">Whose: <c>pipelinerun</c> or <c>taskrun</c>; a task has a copy of its run's note beside its own.</param>
    public static string? Traceparent(JsonElement resource, string kind)
    {
        if (resource.Text("status", "spanContext", "traceparent") is { } told)
        {
            return told;
        }

        var note = Note(resource, $"tekton.dev/{kind}SpanContext");
        using var context = note is null ? null : Json.Parse(Encoding.UTF8.GetBytes(note), out _);
        return context?.RootElement.Text("traceparent");
    }

    /// <summary>A label or annotation.</summary>
    public static string? Note(JsonElement resource, string key) =>
        resource.Text("metadata", "annotations", key) ?? resource.Text("metadata", "labels", key);

    private static string? Branch(string? reference) => VcsText.StripReference(reference);

    // v1 has results, v1beta1 taskResults and pipelineResults.
    private static string? Result(JsonElement resource, string name)
    {
        foreach (var list in (ReadOnlySpan<string>)["results", "pipelineResults", "taskResults"])
        {
            foreach (var result in resource.Items("status", list))
            {
                if (result.Text("name") is { } found && (found == name || (name.StartsWith("CHAINS-", StringComparison.Ordinal)
                    && found.EndsWith(name["CHAINS-".Length..], StringComparison.Ordinal))))
                {
                    return result.Text("value")?.Trim();
                }
            }
        }

        return null;
    }

    private static string? CommitParameter(JsonElement resource)
    {
        var value = Parameter(resource, "CHAINS-GIT_COMMIT", "revision", "git-revision", "commit", "sha");
        return value is { Length: 40 or 64 } && value.All(char.IsAsciiHexDigit) ? value : null;
    }

    private static string? Parameter(JsonElement resource, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            foreach (var parameter in resource.Items("spec", "params"))
            {
                if (parameter.Text("name") == name && parameter.Text("value") is { } value)
                {
                    return value;
                }
            }
        }

        return null;
    }
}
