using System.Text.Json;
using Flyball.Model.Spans;

namespace Flyball.Pipelines.Api;

/// <summary>Spans of a run's waterfall as docs/api.md shows them.</summary>
internal static class SpanJson
{
    private const int MostSpans = 10_000;

    public static void Write(Utf8JsonWriter json, SpanBatch? spans)
    {
        json.WriteStartArray("spans");
        if (spans is { Count: > 0 })
        {
            var origin = ulong.MaxValue;
            foreach (ref readonly var row in spans.Spans)
            {
                origin = Math.Min(origin, row.Start.Value);
            }

            foreach (ref readonly var row in spans.Spans[..Math.Min(spans.Count, MostSpans)])
            {
                WriteSpan(json, spans, row, origin);
            }
        }

        json.WriteEndArray();
    }

    private static void WriteSpan(Utf8JsonWriter json, SpanBatch spans, in SpanRow row, ulong origin)
    {
        json.WriteStartObject();
        json.WriteString("spanId", row.SpanId.ToString());
        if (!row.ParentId.IsZero)
        {
            json.WriteString("parentSpanId", row.ParentId.ToString());
        }

        json.WriteString("name", spans.Text(row.Name));
        json.WriteString("service", spans.FindText(row, "service.name"u8) ?? "");
        json.WriteString("kind", row.Kind.ToString().ToLowerInvariant());
        json.WriteString("status", row.Status switch { SpanStatus.Ok => "ok", SpanStatus.Error => "error", _ => "unset" });
        if (!row.StatusMessage.IsEmpty)
        {
            json.WriteString("statusMessage", spans.Text(row.StatusMessage));
        }

        json.WriteString("startedAt", RunJson.Rfc3339(row.Start));
        json.WriteNumber("startOffsetMs", Milliseconds(row.Start.Value - origin));
        json.WriteNumber("durationMs", Milliseconds(row.DurationNs));
        WriteAttributes(json, spans, row.Attributes);
        WriteEvents(json, spans, row);
        json.WriteEndObject();
    }

    private static void WriteEvents(Utf8JsonWriter json, SpanBatch spans, in SpanRow row)
    {
        json.WriteStartArray("events");
        foreach (ref readonly var happened in spans.Events.Slice(row.Events.Start, row.Events.Count))
        {
            json.WriteStartObject();
            json.WriteString("name", spans.Text(happened.Name));
            json.WriteString("at", RunJson.Rfc3339(happened.Time));
            WriteAttributes(json, spans, happened.Attributes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteAttributes(Utf8JsonWriter json, SpanBatch spans, RowRange range)
    {
        json.WriteStartObject("attributes");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (ref readonly var attribute in spans.Attributes.Slice(range.Start, range.Count))
        {
            var key = spans.Text(attribute.Key);
            if (seen.Add(key))
            {
                json.WriteString(key, TextOf(spans, attribute.Value));
            }
        }

        json.WriteEndObject();
    }

    private static string TextOf(SpanBatch spans, in AttributeValue value) => value.Kind switch
    {
        AttributeKind.Text => spans.Text(value.Slice),
        AttributeKind.Boolean => value.Boolean ? "true" : "false",
        AttributeKind.Integer => $"{value.Integer}",
        AttributeKind.Double => $"{value.Double}",
        AttributeKind.Empty => "",
        _ => Convert.ToBase64String(spans.Bytes(value.Slice)),
    };

    private static double Milliseconds(ulong nanoseconds) => Math.Round(nanoseconds / 1e6, 6);
}
