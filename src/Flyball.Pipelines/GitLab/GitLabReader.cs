using System.Globalization;
using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Backfill;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.GitLab;

/// <summary>Reads pipelines of a project with all their jobs, retried ones too, and the pipelines they started.</summary>
internal sealed class GitLabReader : IRunReader
{
    public Uri? DefaultAddress => new("https://gitlab.com/api/v4/");

    public void Prove(HttpRequestMessage request, string credential) => request.Headers.Add("PRIVATE-TOKEN", credential);

    public async Task<RunPage> ReadAsync(RestClient api, string target, DateTimeOffset since, string? page, CancellationToken cancellationToken)
    {
        var project = "projects/" + Uri.EscapeDataString(target);
        using var about = await api.GetAsync(project, cancellationToken)
            ?? throw new BackfillException($"there is no project {target}, or the token may not see it", isPageGone: true);
        var from = Uri.EscapeDataString(since.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        var list = await api.GetPageAsync(page ?? $"{project}/pipelines?updated_after={from}&order_by=id&sort=asc&per_page=100", cancellationToken)
            ?? throw new BackfillException($"{target} has no pipelines to see", isPageGone: true);
        using var document = list.Document;
        var runs = new List<IReadOnlyList<RunFact>>();
        foreach (var id in document.RootElement.Items().Select(p => p.Text("id")).OfType<string>())
        {
            using var pipeline = await api.GetAsync($"{project}/pipelines/{id}", cancellationToken);
            if (pipeline is null)
            {
                continue;
            }

            using var jobs = await ListAsync(api, $"{project}/pipelines/{id}/jobs?include_retried=true&per_page=100", cancellationToken);
            using var bridges = await ListAsync(api, $"{project}/pipelines/{id}/bridges?per_page=100", cancellationToken);
            runs.Add(GitLabRest.Read(pipeline.RootElement, about.RootElement, [.. jobs.Items], [.. bridges.Items], TimestampNs.From(DateTimeOffset.UnixEpoch)) is { } fact
                ? [fact] : []);
        }

        return new RunPage(runs, list.Next);
    }

    private static async Task<Listed> ListAsync(RestClient api, string? address, CancellationToken cancellationToken)
    {
        var pages = new List<JsonDocument>();
        while (address is not null && await api.GetPageAsync(address, cancellationToken) is { } page)
        {
            pages.Add(page.Document);
            address = page.Next;
        }

        return new Listed(pages);
    }

    private sealed class Listed(List<JsonDocument> pages) : IDisposable
    {
        public IEnumerable<JsonElement> Items => pages.SelectMany(p => p.RootElement.Items());

        public void Dispose() => pages.ForEach(p => p.Dispose());
    }
}
