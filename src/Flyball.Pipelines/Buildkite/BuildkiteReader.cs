using System.Globalization;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Backfill;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Buildkite;

/// <summary>Reads builds of an organisation or of one of its pipelines, with all their jobs.</summary>
internal sealed class BuildkiteReader : IRunReader
{
    public Uri? DefaultAddress => new("https://api.buildkite.com/v2/");

    public void Prove(HttpRequestMessage request, string credential) => request.Headers.Authorization = new("Bearer", credential);

    public async Task<RunPage> ReadAsync(RestClient api, string target, DateTimeOffset since, string? page, CancellationToken cancellationToken)
    {
        var from = Uri.EscapeDataString(since.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        var (organisation, pipeline) = target.Split('/', 2) is [var o, var p] ? (o, p) : (target, null);
        var path = pipeline is null ? $"organizations/{organisation}/builds" : $"organizations/{organisation}/pipelines/{pipeline}/builds";
        var list = await api.GetPageAsync(page ?? $"{path}?created_from={from}&include_retried_jobs=true&per_page=100", cancellationToken)
            ?? throw new BackfillException($"there is no organisation or pipeline {target}, or the token may not see it", isPageGone: true);
        using var document = list.Document;
        return new RunPage(
            [.. document.RootElement.Items().Select(b => BuildkiteFacts.ReadRest(b, TimestampNs.From(DateTimeOffset.UnixEpoch)))
                .OfType<RunFact>().Select(f => (IReadOnlyList<RunFact>)[f])],
            list.Next);
    }
}
