using System.Text.Json;
using Flyball.Model.Spans;
using Flyball.Model.Wire;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.Tempo;

/// <summary>Writes attribute values as protobuf's JSON mapping writes AnyValue.</summary>
internal static class AnyValueJson
{
    /// <summary>Writes a list of KeyValue as a member; nothing when it is empty.</summary>
    public static void WriteAttributes(Utf8JsonWriter json, SpanBatch batch, RowRange range)
    {
        if (range.Count == 0)
        {
            return;
        }

        json.WriteStartArray("attributes"u8);
        foreach (ref readonly var row in batch.Attributes.Slice(range.Start, range.Count))
        {
            json.WriteStartObject();
            json.WriteString("key"u8, batch.Bytes(row.Key));
            json.WritePropertyName("value"u8);
            Write(json, row.Value, batch.Bytes(row.Value.Slice));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes a value of a query.</summary>
    public static void Write(Utf8JsonWriter json, in Value value)
    {
        json.WriteStartObject();
        switch (value.Kind)
        {
            case ValueKind.Integer:
                json.WriteString("intValue"u8, value.Bits.ToString());
                break;
            case ValueKind.Float:
                WriteDouble(json, value.Number);
                break;
            case ValueKind.Boolean:
                json.WriteBoolean("boolValue"u8, value.IsTrue);
                break;
            default:
                json.WriteString("stringValue"u8, value.ToString());
                break;
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, in AttributeValue value, ReadOnlySpan<byte> bytes)
    {
        json.WriteStartObject();
        switch (value.Kind)
        {
            case AttributeKind.Text:
                json.WriteString("stringValue"u8, bytes);
                break;
            case AttributeKind.Boolean:
                json.WriteBoolean("boolValue"u8, value.Boolean);
                break;
            case AttributeKind.Integer:
                json.WriteString("intValue"u8, value.Integer.ToString());
                break;
            case AttributeKind.Double:
                WriteDouble(json, value.Double);
                break;
            case AttributeKind.Bytes:
                json.WriteBase64String("bytesValue"u8, bytes);
                break;
            case AttributeKind.Array:
                WriteNested(json, "arrayValue"u8, bytes, isMap: false);
                break;
            case AttributeKind.Map:
                WriteNested(json, "kvlistValue"u8, bytes, isMap: true);
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteDouble(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber("doubleValue"u8, value);
        }
        else
        {
            json.WriteString("doubleValue"u8, double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        }
    }

    private static void WriteNested(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> message, bool isMap)
    {
        json.WriteStartObject(name);
        json.WriteStartArray("values"u8);
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            if (field != 1 || type != WireType.Bytes)
            {
                reader.Skip(type);
            }
            else if (isMap)
            {
                WriteKeyValue(json, reader.ReadBytes());
            }
            else
            {
                WriteAny(json, reader.ReadBytes());
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteKeyValue(Utf8JsonWriter json, ReadOnlySpan<byte> message)
    {
        WirePair.Split(message, out var key, out var value);

        json.WriteStartObject();
        json.WriteString("key"u8, key);
        json.WritePropertyName("value"u8);
        WriteAny(json, value);
        json.WriteEndObject();
    }

    private static void WriteAny(Utf8JsonWriter json, ReadOnlySpan<byte> message)
    {
        json.WriteStartObject();
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    json.WriteString("stringValue"u8, reader.ReadBytes());
                    break;
                case (2, WireType.Varint):
                    json.WriteBoolean("boolValue"u8, reader.ReadVarint() != 0);
                    break;
                case (3, WireType.Varint):
                    json.WriteString("intValue"u8, ((long)reader.ReadVarint()).ToString());
                    break;
                case (4, WireType.Fixed64):
                    WriteDouble(json, reader.ReadDouble());
                    break;
                case (5, WireType.Bytes):
                    WriteNested(json, "arrayValue"u8, reader.ReadBytes(), isMap: false);
                    break;
                case (6, WireType.Bytes):
                    WriteNested(json, "kvlistValue"u8, reader.ReadBytes(), isMap: true);
                    break;
                case (7, WireType.Bytes):
                    json.WriteBase64String("bytesValue"u8, reader.ReadBytes());
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        json.WriteEndObject();
    }
}
