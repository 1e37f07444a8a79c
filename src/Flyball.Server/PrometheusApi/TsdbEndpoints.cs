using System.Text.Json;
using Flyball.Metrics;
using Flyball.Metrics.Status;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.PromQL;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.PrometheusApi;

/// <summary><c>/status/tsdb</c> and <c>/query_exemplars</c>: what the store knows beyond samples. Prometheus documentation, "HTTP API".</summary>
internal sealed class TsdbEndpoints(MetricStore store)
{
    private const int DefaultTop = 10, MostTop = 10_000;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApiGet("/status/tsdb", StatusAsync);
        routes.MapApiGet("/status/tsdb/blocks", (context, _) => ApiAnswer.SuccessAsync(context, WriteBlocks));
        routes.MapApiQuery("/query_exemplars", ExemplarsAsync);
    }

    private Task StatusAsync(HttpContext context, ApiRequest request)
    {
        var top = request.Limit() is > 0 and var limit ? limit : DefaultTop;
        if (top > MostTop)
        {
            throw ApiRequest.Invalid("limit", $"limit must not exceed {MostTop}");
        }

        var report = store.Cardinality(top);
        var statistics = store.Statistics;
        return ApiAnswer.SuccessAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("headStats"u8);
            json.WriteNumber("numSeries"u8, statistics.HeadSeries);
            json.WriteNumber("numLabelPairs"u8, report.LabelPairs);
            json.WriteNumber("chunkCount"u8, statistics.HeadPages);
            json.WriteNumber("minTime"u8, statistics.OldestHeadMs);
            json.WriteNumber("maxTime"u8, statistics.NewestHeadMs);
            json.WriteEndObject();
            WriteCounts(json, "seriesCountByMetricName", report.SeriesByMetric);
            WriteCounts(json, "labelValueCountByLabelName", report.ValuesByLabel);
            WriteCounts(json, "memoryInBytesByLabelName", report.BytesByLabel);
            WriteCounts(json, "seriesCountByLabelValuePair", report.SeriesByPair);
            WriteChurn(json, report.Churn);
            json.WriteEndObject();
        });
    }

    private void WriteBlocks(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("blocks"u8);
        foreach (var block in store.Blocks)
        {
            json.WriteStartObject();
            json.WriteString("ulid"u8, block.Name);
            json.WriteNumber("minTime"u8, block.StartMs);
            json.WriteNumber("maxTime"u8, block.UntilMs);
            json.WriteStartObject("stats"u8);
            json.WriteNumber("numSamples"u8, block.Samples);
            json.WriteNumber("numSeries"u8, block.Series);
            json.WriteNumber("numChunks"u8, block.Pages);
            json.WriteEndObject();
            json.WriteStartObject("compaction"u8);
            json.WriteNumber("level"u8, block.Level);
            json.WriteEndObject();
            json.WriteNumber("version"u8, 1);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private Task ExemplarsAsync(HttpContext context, ApiRequest request)
    {
        var range = new TimeRange(request.Time("start", TimestampMs.Min), request.Time("end", TimestampMs.Max));
        if (range.IsEmpty)
        {
            throw ApiRequest.Invalid("end", "end timestamp must not be before start time");
        }

        PromQLExpression expression;
        try
        {
            expression = PromQLExpression.Parse(request.Text("query") ?? "");
        }
        catch (PromQLSyntaxException e)
        {
            throw ApiRequest.Invalid("query", e.Message);
        }

        var found = store.Exemplars(range, [.. expression.Selectors.Select(s => s.Matchers)]);
        return ApiAnswer.SuccessAsync(context, json =>
        {
            json.WriteStartArray();
            foreach (var (series, exemplars) in found)
            {
                json.WriteStartObject();
                json.WritePropertyName("seriesLabels"u8);
                ApiAnswer.WriteLabels(json, series);
                json.WriteStartArray("exemplars"u8);
                foreach (var exemplar in exemplars)
                {
                    WriteExemplar(json, exemplar);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private static void WriteExemplar(Utf8JsonWriter json, Exemplar exemplar)
    {
        json.WriteStartObject();
        json.WritePropertyName("labels"u8);
        ApiAnswer.WriteLabels(json, exemplar.Labels);
        json.WritePropertyName("value"u8);
        ApiAnswer.WriteNumber(json, exemplar.Value);
        json.WritePropertyName("timestamp"u8);
        ApiAnswer.WriteTime(json, exemplar.Timestamp.Value);
        json.WriteEndObject();
    }

    // Not in Prometheus' answer: which metrics come and go.
    private static void WriteChurn(Utf8JsonWriter json, ChurnReport churn)
    {
        json.WriteStartObject("churn"u8);
        json.WriteNumber("windowSeconds"u8, churn.WindowMs / 1000);
        json.WriteNumber("created"u8, churn.Created);
        json.WriteNumber("ended"u8, churn.Ended);
        json.WriteStartArray("byMetric"u8);
        foreach (var (name, created, ended) in churn.ByMetric)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, name);
            json.WriteNumber("created"u8, created);
            json.WriteNumber("ended"u8, ended);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter json, string name, IReadOnlyList<NamedCount> counts)
    {
        json.WriteStartArray(name);
        foreach (var (what, count) in counts)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, what);
            json.WriteNumber("value"u8, count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
