using System.Text.Json;
using Flyball.Model.Labels;
using Flyball.Model.Text;
using Flyball.Server.SelfMetrics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.PrometheusApi;

/// <summary><c>/status/self_metrics</c>: the program's own metrics as the JSON form of protobuf's <c>MetricFamily</c>. Prometheus documentation, "HTTP API".</summary>
internal sealed class SelfMetricsJson(MetricRegistry registry)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapApiGet("/status/self_metrics", AnswerAsync);

    private Task AnswerAsync(HttpContext context, ApiRequest request)
    {
        GoRegex? pattern;
        try
        {
            pattern = request.Text("metric_name_pattern") is { } text ? GoRegex.CompileAnchored(text) : null;
        }
        catch (RegexSyntaxException e)
        {
            throw ApiRequest.Invalid("metric_name_pattern", e.Message);
        }

        return ApiAnswer.SuccessAsync(context, json =>
        {
            json.WriteStartArray();
            foreach (var group in registry.Collect().Where(f => pattern is null || pattern.IsMatch(f.Name)).GroupBy(f => f.Name))
            {
                WriteFamily(json, [.. group]);
            }

            json.WriteEndArray();
        });
    }

    private static void WriteFamily(Utf8JsonWriter json, IReadOnlyList<MetricFamily> families)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, families[0].Name);
        json.WriteString("help"u8, families[0].Help);
        json.WriteString("type"u8, families[0].Kind.ToString().ToUpperInvariant());
        json.WriteStartArray("metric"u8);
        foreach (var family in families)
        {
            if (family.Kind == FamilyKind.Histogram)
            {
                WriteHistograms(json, family);
            }
            else
            {
                var kind = family.Kind == FamilyKind.Counter ? "counter" : "gauge";
                family.Visit((_, labels, value) => WriteScalar(json, kind, labels, value));
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteScalar(Utf8JsonWriter json, string kind, LabelSet labels, double value)
    {
        json.WriteStartObject();
        WriteLabels(json, labels);
        json.WriteStartObject(kind);
        json.WritePropertyName("value"u8);
        WriteDouble(json, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // A family tells the buckets of a cell, then its sum, then its count.
    private static void WriteHistograms(Utf8JsonWriter json, MetricFamily family)
    {
        var buckets = new List<(string Bound, double Count)>();
        double sum = 0;
        family.Visit((suffix, labels, value) =>
        {
            switch (suffix)
            {
                case "_bucket":
                    buckets.Add((labels["le"], value));
                    break;
                case "_sum":
                    sum = value;
                    break;
                default:
                    WriteHistogram(json, labels, buckets, sum, value);
                    buckets.Clear();
                    break;
            }
        });
    }

    private static void WriteHistogram(Utf8JsonWriter json, LabelSet labels, List<(string Bound, double Count)> buckets, double sum, double count)
    {
        json.WriteStartObject();
        WriteLabels(json, labels);
        json.WriteStartObject("histogram"u8);
        json.WriteString("sampleCount"u8, GoFloat.ToText(count));
        json.WritePropertyName("sampleSum"u8);
        WriteDouble(json, sum);
        json.WriteStartArray("bucket"u8);
        foreach (var (bound, inside) in buckets.Where(b => b.Bound != "+Inf"))
        {
            json.WriteStartObject();
            json.WriteString("cumulativeCount"u8, GoFloat.ToText(inside));
            json.WritePropertyName("upperBound"u8);
            WriteDouble(json, double.Parse(bound));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteLabels(Utf8JsonWriter json, LabelSet labels)
    {
        if (labels.IsEmpty)
        {
            return;
        }

        json.WriteStartArray("label"u8);
        foreach (var label in labels)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, label.Name);
            json.WriteString("value"u8, label.Value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteDouble(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteStringValue(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        }
    }
}
