using System.Globalization;
using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Backfill;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.GitHub;

/// <summary>Reads workflow runs of a repository, every attempt with its jobs, and why jobs failed that GitHub only tells in annotations.</summary>
internal sealed class GitHubReader : IRunReader
{
    private const int MostAttempts = 50;

    public Uri? DefaultAddress => new("https://api.github.com/");

    public void Prove(HttpRequestMessage request, string credential)
    {
        request.Headers.Authorization = new("Bearer", credential);
        request.Headers.TryAddWithoutValidation("X-GitHub-Api-Version", "2022-11-28");
        request.Headers.Accept.ParseAdd("application/vnd.github+json");
    }

    public async Task<RunPage> ReadAsync(RestClient api, string target, DateTimeOffset since, string? page, CancellationToken cancellationToken)
    {
        var from = since.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var list = await api.GetPageAsync(page ?? $"repos/{target}/actions/runs?created={Uri.EscapeDataString(">=" + from)}&per_page=100", cancellationToken)
            ?? throw new BackfillException($"there is no repository {target}, or the token may not see it", isPageGone: true);
        using var document = list.Document;
        var runs = new List<IReadOnlyList<RunFact>>();
        foreach (var run in document.RootElement.Items("workflow_runs"))
        {
            runs.Add(await ReadRunAsync(api, target, run, cancellationToken));
        }

        return new RunPage(runs, list.Next);
    }

    private static async Task<IReadOnlyList<RunFact>> ReadRunAsync(
        RestClient api, string target, JsonElement run, CancellationToken cancellationToken)
    {
        var now = TimestampNs.From(DateTimeOffset.UnixEpoch);
        if (GitHubFacts.ReadRun(run, run, now) is not { } last)
        {
            return [];
        }

        var facts = new List<RunFact> { last };
        for (var attempt = Math.Max(1, last.Run.Attempt - MostAttempts); attempt < last.Run.Attempt; attempt++)
        {
            using var earlier = await api.GetAsync($"repos/{target}/actions/runs/{last.Run.Run}/attempts/{attempt}", cancellationToken);
            if (earlier is not null && GitHubFacts.ReadRun(earlier.RootElement, earlier.RootElement, now) is { } fact)
            {
                facts.Add(fact);
            }
        }

        // After "re-run failed jobs" the last attempt lists only those: all attempts together are the whole.
        string? next = $"repos/{target}/actions/runs/{last.Run.Run}/jobs?filter=all&per_page=100";
        while (next is not null && await api.GetPageAsync(next, cancellationToken) is { } page)
        {
            using var jobs = page.Document;
            foreach (var job in jobs.RootElement.Items("jobs"))
            {
                facts.AddRange(await ReadJobAsync(api, target, job, run, now, cancellationToken));
            }

            next = page.Next;
        }

        return facts;
    }

    private static async Task<IEnumerable<RunFact>> ReadJobAsync(
        RestClient api, string target, JsonElement job, JsonElement run, TimestampNs now, CancellationToken cancellationToken)
    {
        if (GitHubFacts.ReadJob(job, run, now) is not { } fact)
        {
            return [];
        }

        if (job.Text("conclusion") is not ("failure" or "cancelled"))
        {
            return [fact];
        }

        using var annotations = await api.GetAsync($"repos/{target}/check-runs/{job.Text("id")}/annotations", cancellationToken);
        return [annotations is null ? fact : GitHubAnnotations.Apply(fact, annotations.RootElement)];
    }
}
