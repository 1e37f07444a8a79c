using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Buildkite;

/// <summary>Turns builds and jobs, as webhooks, EventBridge and the REST API show them, into facts.</summary>
/// <remarks>What counts is the objects' state, not the event's name: a fast build's "running" may already say passed.</remarks>
internal static class BuildkiteFacts
{
    public const string System = "buildkite";

    /// <summary>Reads an event.</summary>
    /// <param name="name">Which event, e.g. <c>job.finished</c>.</param>
    /// <param name="root">The object around <c>build</c>, <c>job</c> and <c>pipeline</c>.</param>
    /// <param name="sentAt">The signed time of sending; null = not signed.</param>
    public static RunFact? Read(string name, JsonElement root, TimestampNs? sentAt, TimestampNs receivedAt)
    {
        var job = root.At("job");
        return ReadBuild(
            root.At("build"), root.At("pipeline"), job.ValueKind == JsonValueKind.Object ? [job] : [], root.At("agent"), sentAt, receivedAt) is { } fact
            ? name != "build.blocked" ? fact : fact with { Life = Paused(fact.Life!), Attributes = WithWaiting(fact.Attributes) }
            : null;
    }

    /// <summary>Reads a build as the REST API shows it, its jobs inside.</summary>
    public static RunFact? ReadRest(JsonElement build, TimestampNs receivedAt) =>
        ReadBuild(build, build.At("pipeline"), [.. build.Items("jobs")], agent: default, sentAt: null, receivedAt);

    private static RunFact? ReadBuild(
        JsonElement build, JsonElement pipeline, IReadOnlyList<JsonElement> jobs, JsonElement agent, TimestampNs? sentAt, TimestampNs receivedAt)
    {
        if (BuildkiteJobs.IdOf(build) is not { } id)
        {
            return null;
        }

        var seen = sentAt ?? Times.Latest([
            build.Time("created_at"), build.Time("scheduled_at"), build.Time("started_at"), build.Time("failing_at"), build.Time("finished_at"),
            .. jobs.SelectMany(j => (TimestampNs?[])[j.Time("runnable_at"), j.Time("started_at"), j.Time("finished_at")])]);
        return new RunFact
        {
            Run = Key(id),
            SourceTime = seen ?? receivedAt,
            ReceivedAt = receivedAt,
            Pipeline = pipeline.Text("slug") ?? pipeline.Text("name"),
            Number = build.Text("number"),
            Url = build.Text("web_url"),
            Actor = build.Text("creator", "name") ?? build.Text("author", "username") ?? build.Text("author", "name"),
            Trigger = build.Text("source"),
            Environment = build.Text("env", "BUILDKITE_GITHUB_DEPLOYMENT_ENVIRONMENT"),
            Parent = build.Text("triggered_from", "build_id") is { } parent ? Key(parent) : null,
            Links = LinksOf(build, jobs),
            Vcs = Code(build, pipeline),
            Life = Life(build, seen ?? default),
            Attributes = new FurtherFacts().AddWaiting(IsBlocked(build) ? "unblock" : null).ToFacts(),
            Tasks = [.. jobs.Where(BuildkiteJobs.IsTask).Select(j => BuildkiteJobs.Read(j, agent))],
        };
    }

    private static RunKey Key(string build) => new(System, "", build);

    private static bool IsBlocked(JsonElement build) => build.Flag("blocked") || build.Text("state") == "blocked";

    private static List<RunKey>? LinksOf(JsonElement build, IReadOnlyList<JsonElement> jobs)
    {
        var links = new List<RunKey>();
        if (build.Text("rebuilt_from", "id") is { } earlier)
        {
            links.Add(Key(earlier));
        }

        links.AddRange(jobs.Select(j => BuildkiteJobs.IdOf(j.At("triggered_build"))).OfType<string>().Select(Key));
        return links.Count == 0 ? null : links;
    }

    private static LifeFact Life(JsonElement build, TimestampNs seen)
    {
        var finishedAt = build.Time("finished_at");
        var (state, result) = BuildkiteStates.ReadBuild(build.Text("state"), finishedAt is not null);
        var life = new LifeFact
        {
            State = state,
            Result = result,
            ErrorType = result is { } bad && bad.IsBad() ? BuildkiteStates.ErrorOfBuild(build.Text("state")) : null,
            Message = build.Text("cancel_reason"),
            CreatedAt = build.Time("created_at"),
            StartedAt = build.Time("started_at"),
            FinishedAt = state == RunState.Finished ? finishedAt : null,

            // Unblocking or retrying goes on with a build that had ended. The time of sending tells such an event from an old one; where
            // that is not signed, the latest time inside does: what goes on has a job that began after the end.
            Cycle = seen,
        };
        return IsBlocked(build) ? Paused(life) : life;
    }

    // A build that waits for somebody to unblock it says it has finished, and how it was until then.
    private static LifeFact Paused(LifeFact life) => life with
    {
        State = life.StartedAt is null ? RunState.Pending : RunState.Executing,
        Result = null,
        ErrorType = null,
        FinishedAt = null,
    };

    private static Dictionary<string, string> WithWaiting(IReadOnlyDictionary<string, string>? attributes) =>
        new(attributes ?? PipelineRun.EmptyAttributes, StringComparer.Ordinal) { ["flyball.waiting_for"] = "unblock" };

    private static VcsFacts Code(JsonElement build, JsonElement pipeline)
    {
        var repository = pipeline.Text("repository") ?? pipeline.Text("repo");
        var commit = build.Text("commit");
        return new VcsFacts
        {
            RepositoryUrl = VcsText.RepositoryUrl(repository),
            RepositoryName = VcsText.RepositoryName(repository),
            Owner = VcsText.Owner(repository),
            Provider = VcsText.KnownProvider(pipeline.Text("provider", "id")) ?? VcsText.Provider(repository),

            // "HEAD" until an agent has looked.
            Commit = commit is { Length: >= 7 } && commit.All(char.IsAsciiHexDigit) ? commit : null,
            CommitTitle = VcsText.FirstLine(build.Text("message")),
            HeadName = build.Text("tag") ?? build.Text("branch"),
            HeadType = build.Text("tag") is not null ? "tag" : build.Text("branch") is not null ? "branch" : null,
            ChangeId = build.Text("pull_request", "id"),
            BaseName = build.Text("pull_request", "base") ?? build.Text("merge_queue", "base_branch"),
        };
    }
}
