using System.Text;
using System.Text.Json;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.PrometheusApi;

/// <summary><c>/search/metric_names</c>, <c>/search/label_names</c>, <c>/search/label_values</c>: names by what one remembers of them. Prometheus documentation, "HTTP API".</summary>
/// <remarks>The answer is a line of JSON per batch of results and one line at the end that says how it went.</remarks>
internal sealed class SearchEndpoints(ISeriesSource source, Func<IReadOnlyCollection<MetricMetadata>> metadata, int mostResults)
{
    private const int DefaultLimit = 100, DefaultBatch = 100;

    private static readonly JsonWriterOptions Options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApiQuery("/search/metric_names", (context, request) => AnswerAsync(context, request, "__name__", describes: true));
        routes.MapApiQuery("/search/label_names", (context, request) => AnswerAsync(context, request, label: null, describes: false));
        routes.MapApiQuery("/search/label_values", (context, request) => AnswerAsync(
            context, request, request.Text("label") ?? throw ApiException.BadData("no label parameter provided"), describes: false));
    }

    // label null: names of labels are searched, not values of one.
    private async Task AnswerAsync(HttpContext context, ApiRequest request, string? label, bool describes)
    {
        var search = NameSearch.Read(request);
        var limit = request.Limit() is > 0 and var asked ? Math.Min(asked, mostResults) : Math.Min(DefaultLimit, mostResults);
        var batchSize = request.Limit("batch_size") is > 0 and var size ? size : DefaultBatch;
        var include = request.Flag("include_score");
        var described = describes && request.Flag("include_metadata") ? metadata().GroupBy(m => m.Family).ToDictionary(g => g.Key, g => g.First()) : null;
        var found = search.Run(Candidates(request, label, context.RequestAborted));

        context.Response.ContentType = "application/x-ndjson";
        foreach (var batch in found.Take(limit).Chunk(batchSize))
        {
            await WriteLineAsync(context, json =>
            {
                json.WriteStartArray("results"u8);
                foreach (var (name, score) in batch)
                {
                    WriteResult(json, name, include ? score : null, described?.GetValueOrDefault(name));
                }

                json.WriteEndArray();
            });
        }

        await WriteLineAsync(context, json =>
        {
            json.WriteString("status"u8, "success"u8);
            json.WriteBoolean("has_more"u8, found.Count > limit);
        });
    }

    private IEnumerable<string> Candidates(ApiRequest request, string? label, CancellationToken cancellationToken)
    {
        var range = new TimeRange(request.Time("start", TimestampMs.Min), request.Time("end", TimestampMs.Max));
        var selectors = SeriesEndpoints.ReadSelectors(request);
        var queries = selectors.Count == 0 ? [new SeriesQuery(range, [])] : selectors.ConvertAll(matchers => new SeriesQuery(range, matchers));
        return range.IsEmpty ? [] : queries.SelectMany(q => label is null ? source.LabelNames(q, cancellationToken) : source.LabelValues(label, q, cancellationToken)).Distinct();
    }

    private static void WriteResult(Utf8JsonWriter json, string name, double? score, MetricMetadata? described)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        if (score is { } value)
        {
            json.WriteNumber("score"u8, value);
        }

        if (described is not null)
        {
            json.WriteString("type"u8, described.Type.ToString().ToLowerInvariant());
            json.WriteString("help"u8, described.Help);
            json.WriteString("unit"u8, described.Unit);
        }

        json.WriteEndObject();
    }

    private static async Task WriteLineAsync(HttpContext context, Action<Utf8JsonWriter> fields)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line, Options))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        line.Write(Encoding.UTF8.GetBytes("\n"));
        await context.Response.Body.WriteAsync(line.GetBuffer().AsMemory(0, (int)line.Length), context.RequestAborted);
    }
}
