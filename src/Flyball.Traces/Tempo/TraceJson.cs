using System.Text.Json;
using Flyball.Model.Spans;

namespace Flyball.Traces.Tempo;

/// <summary>Writes a trace in protobuf's JSON mapping, which is not OTLP/JSON: ids in base64, enums by name (Tempo documentation, "HTTP API").</summary>
internal static class TraceJson
{
    private static readonly string[] Kinds =
        ["SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER", "SPAN_KIND_CONSUMER"];

    private static readonly string[] Statuses = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];

    /// <summary>Writes the array of resource spans as a member of the object that is open.</summary>
    public static void Write(Utf8JsonWriter json, SpanBatch batch, string member)
    {
        json.WriteStartArray(member);
        foreach (var (resource, scopes) in GroupedSpans.Of(batch))
        {
            var row = batch.Resources[resource];
            json.WriteStartObject();
            json.WriteStartObject("resource"u8);
            AnyValueJson.WriteAttributes(json, batch, row.Attributes);
            WriteCount(json, "droppedAttributesCount"u8, row.DroppedAttributes);
            json.WriteEndObject();
            json.WriteStartArray("scopeSpans"u8);
            foreach (var (scope, spans) in scopes)
            {
                WriteScope(json, batch, batch.Scopes[scope], spans);
            }

            json.WriteEndArray();
            WriteText(json, "schemaUrl"u8, batch, row.SchemaUrl);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteScope(Utf8JsonWriter json, SpanBatch batch, in ScopeRow scope, int[] spans)
    {
        json.WriteStartObject();
        json.WriteStartObject("scope"u8);
        WriteText(json, "name"u8, batch, scope.Name);
        WriteText(json, "version"u8, batch, scope.Version);
        AnyValueJson.WriteAttributes(json, batch, scope.Attributes);
        WriteCount(json, "droppedAttributesCount"u8, scope.DroppedAttributes);
        json.WriteEndObject();
        json.WriteStartArray("spans"u8);
        foreach (var span in spans)
        {
            WriteSpan(json, batch, batch.Spans[span]);
        }

        json.WriteEndArray();
        WriteText(json, "schemaUrl"u8, batch, scope.SchemaUrl);
        json.WriteEndObject();
    }

    private static void WriteSpan(Utf8JsonWriter json, SpanBatch batch, in SpanRow span)
    {
        json.WriteStartObject();
        WriteId(json, "traceId"u8, span.TraceId);
        WriteId(json, "spanId"u8, span.SpanId);
        WriteText(json, "traceState"u8, batch, span.TraceState);
        if (!span.ParentId.IsZero)
        {
            WriteId(json, "parentSpanId"u8, span.ParentId);
        }

        WriteText(json, "name"u8, batch, span.Name);
        WriteEnum(json, "kind"u8, (int)span.Kind, Kinds);
        WriteTime(json, "startTimeUnixNano"u8, span.Start.Value);
        WriteTime(json, "endTimeUnixNano"u8, span.End.Value);
        AnyValueJson.WriteAttributes(json, batch, span.Attributes);
        WriteCount(json, "droppedAttributesCount"u8, span.DroppedAttributes);
        WriteEvents(json, batch, span);
        WriteCount(json, "droppedEventsCount"u8, span.DroppedEvents);
        WriteLinks(json, batch, span);
        WriteCount(json, "droppedLinksCount"u8, span.DroppedLinks);
        json.WriteStartObject("status"u8);
        WriteText(json, "message"u8, batch, span.StatusMessage);
        WriteEnum(json, "code"u8, (int)span.Status, Statuses);
        json.WriteEndObject();
        WriteCount(json, "flags"u8, span.Flags);
        json.WriteEndObject();
    }

    private static void WriteEvents(Utf8JsonWriter json, SpanBatch batch, in SpanRow span)
    {
        if (span.Events.Count == 0)
        {
            return;
        }

        json.WriteStartArray("events"u8);
        foreach (ref readonly var row in batch.Events.Slice(span.Events.Start, span.Events.Count))
        {
            json.WriteStartObject();
            WriteTime(json, "timeUnixNano"u8, row.Time.Value);
            WriteText(json, "name"u8, batch, row.Name);
            AnyValueJson.WriteAttributes(json, batch, row.Attributes);
            WriteCount(json, "droppedAttributesCount"u8, row.DroppedAttributes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteLinks(Utf8JsonWriter json, SpanBatch batch, in SpanRow span)
    {
        if (span.Links.Count == 0)
        {
            return;
        }

        json.WriteStartArray("links"u8);
        foreach (ref readonly var row in batch.Links.Slice(span.Links.Start, span.Links.Count))
        {
            json.WriteStartObject();
            WriteId(json, "traceId"u8, row.TraceId);
            WriteId(json, "spanId"u8, row.SpanId);
            WriteText(json, "traceState"u8, batch, row.TraceState);
            AnyValueJson.WriteAttributes(json, batch, row.Attributes);
            WriteCount(json, "droppedAttributesCount"u8, row.DroppedAttributes);
            WriteCount(json, "flags"u8, row.Flags);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteId(Utf8JsonWriter json, ReadOnlySpan<byte> name, TraceId id)
    {
        Span<byte> bytes = stackalloc byte[TraceId.Size];
        id.Write(bytes);
        json.WriteBase64String(name, bytes);
    }

    private static void WriteId(Utf8JsonWriter json, ReadOnlySpan<byte> name, SpanId id)
    {
        Span<byte> bytes = stackalloc byte[SpanId.Size];
        id.Write(bytes);
        json.WriteBase64String(name, bytes);
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, SpanBatch batch, ByteSlice text)
    {
        if (!text.IsEmpty)
        {
            json.WriteString(name, batch.Bytes(text));
        }
    }

    private static void WriteCount(Utf8JsonWriter json, ReadOnlySpan<byte> name, uint count)
    {
        if (count != 0)
        {
            json.WriteNumber(name, count);
        }
    }

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, ulong ns)
    {
        if (ns != 0)
        {
            json.WriteString(name, ns.ToString());
        }
    }

    private static void WriteEnum(Utf8JsonWriter json, ReadOnlySpan<byte> name, int value, string[] names)
    {
        if (value > 0 && value < names.Length)
        {
            json.WriteString(name, names[value]);
        }
        else if (value != 0)
        {
            json.WriteNumber(name, value);
        }
    }
}
