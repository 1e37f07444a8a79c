using System.Text.Json;
using Flyball.Traces.TraceQL;

namespace Flyball.Traces.Tempo;

/// <summary>Writes the answer of a search in Tempo's shape (Tempo documentation, "HTTP API").</summary>
internal static class SearchJson
{
    private const string NoRoot = "<root span not yet received>";

    public static void Write(Utf8JsonWriter json, TraceQLAnswer answer)
    {
        json.WriteStartObject();
        json.WriteStartArray("traces"u8);
        foreach (var trace in answer.Traces)
        {
            Write(json, trace);
        }

        json.WriteEndArray();
        json.WriteStartObject("metrics"u8);
        json.WriteNumber("inspectedTraces"u8, answer.InspectedTraces);
        json.WriteString("inspectedBytes"u8, answer.InspectedBytes.ToString());
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, FoundTrace trace)
    {
        json.WriteStartObject();
        json.WriteString("traceID"u8, trace.Id.ToString());
        WriteText(json, "rootServiceName"u8, trace.RootName is null ? NoRoot : trace.RootService);
        WriteText(json, "rootTraceName"u8, trace.RootName ?? "");
        json.WriteString("startTimeUnixNano"u8, trace.StartNs.ToString());
        if (trace.DurationNs >= 1_000_000)
        {
            json.WriteNumber("durationMs"u8, trace.DurationNs / 1_000_000);
        }

        if (trace.Spansets.Count > 0)
        {
            json.WritePropertyName("spanSet"u8);
            Write(json, trace.Spansets[0]);
            json.WriteStartArray("spanSets"u8);
            foreach (var set in trace.Spansets)
            {
                Write(json, set);
            }

            json.WriteEndArray();
        }

        json.WriteStartObject("serviceStats"u8);
        foreach (var (service, (spans, errors)) in trace.Services)
        {
            json.WriteStartObject(service);
            json.WriteNumber("spanCount"u8, spans);
            if (errors > 0)
            {
                json.WriteNumber("errorCount"u8, errors);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, FoundSpanset set)
    {
        json.WriteStartObject();
        json.WriteStartArray("spans"u8);
        foreach (var span in set.Spans)
        {
            json.WriteStartObject();
            json.WriteString("spanID"u8, span.Id.ToString());
            WriteText(json, "name"u8, span.Name);
            json.WriteString("startTimeUnixNano"u8, span.StartNs.ToString());
            json.WriteString("durationNanos"u8, span.DurationNs.ToString());
            WriteAttributes(json, span.Attributes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("matched"u8, set.Matched);
        WriteAttributes(json, set.Attributes);
        json.WriteEndObject();
    }

    private static void WriteAttributes(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, TraceQL.Values.Value>> attributes)
    {
        if (attributes.Count == 0)
        {
            return;
        }

        json.WriteStartArray("attributes"u8);
        foreach (var (key, value) in attributes)
        {
            json.WriteStartObject();
            json.WriteString("key"u8, key);
            json.WritePropertyName("value"u8);
            AnyValueJson.Write(json, value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, string text)
    {
        if (text.Length > 0)
        {
            json.WriteString(name, text);
        }
    }
}
