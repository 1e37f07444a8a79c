using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.GitLab;

/// <summary>Turns pipelines as the REST API shows them into facts.</summary>
internal static class GitLabRest
{
    /// <summary>Reads a pipeline.</summary>
    /// <param name="project">The project it is of.</param>
    /// <param name="jobs">Its jobs, retried ones too.</param>
    /// <param name="bridges">Its jobs that started other pipelines.</param>
    public static RunFact? Read(
        JsonElement pipeline, JsonElement project, IReadOnlyList<JsonElement> jobs, IReadOnlyList<JsonElement> bridges, TimestampNs receivedAt)
    {
        if (pipeline.Text("id") is not { } id)
        {
            return null;
        }

        var page = project.Text("web_url") ?? ProjectOf(pipeline.Text("web_url"));
        var host = VcsText.Host(page) ?? "gitlab.com";
        var path = project.Text("path_with_namespace") ?? VcsText.Owner(page) + "/" + VcsText.RepositoryName(page);
        var begun = Times.Latest([.. jobs.Select(j => j.Time("created_at")), .. jobs.Select(j => j.Time("started_at"))]);
        var seen = Times.Latest([begun, pipeline.Time("created_at"), pipeline.Time("finished_at"), .. jobs.Select(j => j.Time("finished_at"))]);
        var life = Life(pipeline, begun);
        return new RunFact
        {
            Run = new RunKey(GitLabFacts.System, host, id),
            SourceTime = seen ?? receivedAt,
            ReceivedAt = receivedAt,
            Pipeline = pipeline.Text("name") ?? path,
            Number = pipeline.Text("iid"),
            Url = pipeline.Text("web_url"),
            Actor = pipeline.Text("user", "username"),
            Trigger = pipeline.Text("source"),
            Links = LinksOf(bridges, host),
            Vcs = new VcsFacts
            {
                RepositoryUrl = VcsText.RepositoryUrl(page),
                RepositoryName = path[(path.LastIndexOf('/') + 1)..],
                Owner = path.LastIndexOf('/') is var slash && slash > 0 ? path[..slash] : null,
                Provider = "gitlab",
                Commit = pipeline.Text("sha"),
                HeadName = GitLabFacts.BranchOf(pipeline.Text("ref")),
                HeadType = GitLabFacts.HeadTypeOf(GitLabFacts.BranchOf(pipeline.Text("ref")), pipeline.Flag("tag")),
                ChangeId = GitLabFacts.ChangeOf(pipeline.Text("ref")),
            },
            Life = life,
            Tasks = [.. jobs.Where(j => j.Text("id") is not null).Select(j => GitLabJobs.Read(j, "", page, life.State == RunState.Finished))],
        };
    }

    private static LifeFact Life(JsonElement pipeline, TimestampNs? begun)
    {
        var finished = pipeline.Time("finished_at");
        var (state, result) = GitLabStates.Read(pipeline.Text("status"), reason: null, finished is not null);
        return new LifeFact
        {
            State = state,
            Result = result,
            ErrorType = GitLabStates.ErrorType(result, pipeline.Text("failure_reason"), pipeline.Text("status")),
            CreatedAt = pipeline.Time("created_at"),
            StartedAt = pipeline.Time("started_at"),
            FinishedAt = state == RunState.Finished ? finished ?? pipeline.Time("updated_at") : null,
            Cycle = begun ?? default,
        };
    }

    private static List<RunKey>? LinksOf(IReadOnlyList<JsonElement> bridges, string host)
    {
        var links = bridges.Select(b => b.Text("downstream_pipeline", "id")).OfType<string>()
            .Select(id => new RunKey(GitLabFacts.System, host, id)).ToList();
        return links.Count == 0 ? null : links;
    }

    private static string? ProjectOf(string? pipelinePage) =>
        pipelinePage?.IndexOf("/-/", StringComparison.Ordinal) is { } at and > 0 ? pipelinePage[..at] : null;
}
