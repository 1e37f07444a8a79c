using System.Text.Json;
using Flyball.Model.Spans;

namespace Flyball.Traces.Jaeger;

/// <summary>Writes a trace as Jaeger's interface shows it (Tempo documentation).</summary>
internal static class JaegerTraceJson
{
    private const uint TraceFlags = 0xFF; // W3C's; the higher bits are OTLP's own

    public static void Write(Utf8JsonWriter json, SpanBatch batch)
    {
        json.WriteStartObject();
        json.WriteString("traceID"u8, batch.Spans[0].TraceId.ToString());
        json.WriteStartArray("spans"u8);
        foreach (ref readonly var span in batch.Spans)
        {
            WriteSpan(json, batch, span);
        }

        json.WriteEndArray();
        json.WriteStartObject("processes"u8);
        for (var i = 0; i < batch.Resources.Length; i++)
        {
            WriteProcess(json, batch, i);
        }

        json.WriteEndObject();
        json.WriteNull("warnings"u8);
        json.WriteEndObject();
    }

    private static void WriteSpan(Utf8JsonWriter json, SpanBatch batch, in SpanRow span)
    {
        json.WriteStartObject();
        json.WriteString("traceID"u8, span.TraceId.ToString());
        json.WriteString("spanID"u8, span.SpanId.ToString());
        json.WriteNumber("flags"u8, span.Flags & TraceFlags);
        json.WriteString("operationName"u8, batch.Bytes(span.Name));
        WriteReferences(json, batch, span);
        json.WriteNumber("startTime"u8, span.Start.Value / 1000);
        json.WriteNumber("duration"u8, span.DurationNs / 1000);
        WriteTags(json, batch, span);
        WriteLogs(json, batch, span);
        json.WriteString("processID"u8, ProcessId(span.Resource));
        json.WriteNull("warnings"u8);
        json.WriteEndObject();
    }

    private static void WriteReferences(Utf8JsonWriter json, SpanBatch batch, in SpanRow span)
    {
        json.WriteStartArray("references"u8);
        if (!span.ParentId.IsZero)
        {
            WriteReference(json, "CHILD_OF"u8, span.TraceId, span.ParentId);
        }

        foreach (ref readonly var link in batch.Links.Slice(span.Links.Start, span.Links.Count))
        {
            WriteReference(json, "FOLLOWS_FROM"u8, link.TraceId, link.SpanId);
        }

        json.WriteEndArray();
    }

    private static void WriteReference(Utf8JsonWriter json, ReadOnlySpan<byte> type, TraceId trace, SpanId span)
    {
        json.WriteStartObject();
        json.WriteString("refType"u8, type);
        json.WriteString("traceID"u8, trace.ToString());
        json.WriteString("spanID"u8, span.ToString());
        json.WriteEndObject();
    }

    private static void WriteTags(Utf8JsonWriter json, SpanBatch batch, in SpanRow span)
    {
        var scope = batch.Scopes[span.Scope];
        json.WriteStartArray("tags"u8);
        WriteText(json, "otel.scope.name"u8, batch.Bytes(scope.Name));
        WriteText(json, "otel.scope.version"u8, batch.Bytes(scope.Version));
        JaegerTags.Write(json, batch, span.Attributes, except: default);
        if (span.Kind is > SpanKind.Internal and <= SpanKind.Consumer)
        {
            WriteText(json, "span.kind"u8, System.Text.Encoding.ASCII.GetBytes(span.Kind.ToString().ToLowerInvariant()));
        }

        if (span.Status == SpanStatus.Error)
        {
            JaegerTags.WriteBoolean(json, "error"u8, true);
        }

        if (span.Status != SpanStatus.Unset)
        {
            WriteText(json, "otel.status_code"u8, span.Status == SpanStatus.Error ? "ERROR"u8 : "OK"u8);
        }

        WriteText(json, "otel.status_description"u8, batch.Bytes(span.StatusMessage));
        WriteText(json, "w3c.tracestate"u8, batch.Bytes(span.TraceState));
        json.WriteEndArray();
    }

    private static void WriteLogs(Utf8JsonWriter json, SpanBatch batch, in SpanRow span)
    {
        json.WriteStartArray("logs"u8);
        foreach (ref readonly var e in batch.Events.Slice(span.Events.Start, span.Events.Count))
        {
            json.WriteStartObject();
            json.WriteNumber("timestamp"u8, e.Time.Value / 1000);
            json.WriteStartArray("fields"u8);
            WriteText(json, "event"u8, batch.Bytes(e.Name));
            JaegerTags.Write(json, batch, e.Attributes, except: default);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteProcess(Utf8JsonWriter json, SpanBatch batch, int resource)
    {
        var attributes = batch.Resources[resource].Attributes;
        var service = batch.Find(attributes, "service.name"u8);
        json.WriteStartObject(ProcessId(resource));
        json.WriteString("serviceName"u8, service is { Kind: AttributeKind.Text } name ? batch.Bytes(name.Slice) : default);
        json.WriteStartArray("tags"u8);
        JaegerTags.Write(json, batch, attributes, except: "service.name"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            JaegerTags.WriteText(json, key, value);
        }
    }

    private static string ProcessId(int resource) => "p" + (resource + 1);
}
