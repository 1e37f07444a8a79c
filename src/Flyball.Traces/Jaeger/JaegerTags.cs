using System.Text.Json;
using Flyball.Model.Spans;

namespace Flyball.Traces.Jaeger;

/// <summary>Writes attributes as Jaeger's tags: <c>{key, type, value}</c>; arrays and maps as JSON in a string.</summary>
internal static class JaegerTags
{
    public static void Write(Utf8JsonWriter json, SpanBatch batch, RowRange range, ReadOnlySpan<byte> except)
    {
        foreach (ref readonly var row in batch.Attributes.Slice(range.Start, range.Count))
        {
            var key = batch.Bytes(row.Key);
            if (except.IsEmpty || !key.SequenceEqual(except))
            {
                Write(json, key, row.Value, batch.Bytes(row.Value.Slice));
            }
        }
    }

    public static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Begin(json, key, "string"u8);
        json.WriteString("value"u8, value);
        json.WriteEndObject();
    }

    public static void WriteBoolean(Utf8JsonWriter json, ReadOnlySpan<byte> key, bool value)
    {
        Begin(json, key, "bool"u8);
        json.WriteBoolean("value"u8, value);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> key, in AttributeValue value, ReadOnlySpan<byte> bytes)
    {
        switch (value.Kind)
        {
            case AttributeKind.Boolean:
                WriteBoolean(json, key, value.Boolean);
                break;
            case AttributeKind.Integer:
                Begin(json, key, "int64"u8);
                json.WriteNumber("value"u8, value.Integer);
                json.WriteEndObject();
                break;
            case AttributeKind.Double when double.IsFinite(value.Double):
                Begin(json, key, "float64"u8);
                json.WriteNumber("value"u8, value.Double);
                json.WriteEndObject();
                break;
            case AttributeKind.Double:
                Begin(json, key, "float64"u8);
                json.WriteString("value"u8, double.IsNaN(value.Double) ? "NaN" : value.Double > 0 ? "+Inf" : "-Inf");
                json.WriteEndObject();
                break;
            case AttributeKind.Bytes:
                Begin(json, key, "binary"u8);
                json.WriteBase64String("value"u8, bytes);
                json.WriteEndObject();
                break;
            case AttributeKind.Array or AttributeKind.Map:
                WriteText(json, key, NestedJson(bytes, value.Kind == AttributeKind.Map));
                break;
            default:
                WriteText(json, key, bytes);
                break;
        }
    }

    private static ReadOnlySpan<byte> NestedJson(ReadOnlySpan<byte> message, bool isMap)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            PlainJson.Write(json, message, isMap);
        }

        return buffer.ToArray();
    }

    private static void Begin(Utf8JsonWriter json, ReadOnlySpan<byte> key, ReadOnlySpan<byte> type)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, key);
        json.WriteString("type"u8, type);
    }
}
