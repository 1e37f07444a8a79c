using System.Text.Json;
using Flyball.PromQL.Explaining;

namespace Flyball.Server.PrometheusApi;

/// <summary>The plan of a query as JSON; the fields are described in docs/promql.md.</summary>
internal static class ExplainedPlanJson
{
    public static byte[] Write(ExplainedPart plan)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            Write(json, plan);
        }

        return stream.ToArray();
    }

    private static void Write(Utf8JsonWriter json, ExplainedPart part)
    {
        json.WriteStartObject();
        json.WriteString("operator"u8, part.Operator);
        json.WriteString("expression"u8, part.Expression);
        json.WriteString("type"u8, part.Kind.ToString().ToLowerInvariant());
        json.WriteNumber("steps"u8, part.Steps);
        json.WriteNumber("seriesSelected"u8, part.SeriesSelected);
        json.WriteNumber("seriesIn"u8, part.SeriesIn);
        json.WriteNumber("seriesOut"u8, part.SeriesOut);
        json.WriteNumber("pagesRead"u8, part.PagesRead);
        json.WriteNumber("samplesRead"u8, part.SamplesRead);
        json.WriteNumber("samplesTouched"u8, part.SamplesTouched);
        json.WriteNumber("inclusiveSeconds"u8, part.Inclusive.TotalSeconds);
        json.WriteNumber("exclusiveSeconds"u8, part.Exclusive.TotalSeconds);
        json.WriteNumber("sourceSeconds"u8, part.Source.TotalSeconds);
        if (part.Suggestion is not null)
        {
            json.WriteString("suggestion"u8, part.Suggestion);
        }

        json.WriteStartArray("children"u8);
        foreach (var child in part.Children)
        {
            Write(json, child);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
