using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Backfill;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Tekton;

/// <summary>Reads PipelineRuns, TaskRuns and CustomRuns that the cluster no longer has out of Tekton Results, newest first.</summary>
internal sealed class TektonResultsReader : IRunReader
{
    public Uri? DefaultAddress => null;

    public void Prove(HttpRequestMessage request, string credential) => request.Headers.Authorization = new("Bearer", credential);

    public async Task<RunPage> ReadAsync(RestClient api, string target, DateTimeOffset since, string? page, CancellationToken cancellationToken)
    {
        var first = $"apis/results.tekton.dev/v1alpha2/parents/{Uri.EscapeDataString(target)}/results/-/records?order_by={Uri.EscapeDataString("create_time desc")}&page_size=100";
        using var list = await api.GetAsync(page ?? first, cancellationToken)
            ?? throw new BackfillException($"Tekton Results knows no namespace {target}, or the token may not see it; \"-\" asks for all", isPageGone: true);
        var root = list.RootElement;
        var records = root.Items("records").ToArray();

        // The API's filters differ from release to release; the order does not.
        var isOld = records.Any(r => r.Time("createTime") is { } at && at < TimestampNs.From(since));
        var next = root.Text("nextPageToken");
        return new RunPage(
            [.. records.Select(Read).OfType<RunFact>().Select(f => (IReadOnlyList<RunFact>)[f])],
            isOld || next is null ? null : $"{first}&page_token={Uri.EscapeDataString(next)}");
    }

    /// <summary>Reads a record; null for logs and whatever else is no run.</summary>
    public static RunFact? Read(JsonElement record)
    {
        var type = record.Text("data", "type") ?? "";
        var kind = type[(type.LastIndexOf('.') + 1)..];
        if (kind is not ("PipelineRun" or "TaskRun" or "CustomRun") || record.Text("data", "value") is not { } encoded)
        {
            return null;
        }

        var bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, bytes, out var length))
        {
            return null;
        }

        using var resource = Json.Parse(bytes.AsMemory(0, length), out _);
        return resource is null ? null : TektonFacts.Read(kind, resource.RootElement, record.Time("createTime"), TimestampNs.From(DateTimeOffset.UnixEpoch), out var _);
    }
}
