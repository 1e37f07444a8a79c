using System.Text.Json;
using Flyball.Model.Wire;

namespace Flyball.Traces.Jaeger;

/// <summary>Writes nested attribute values as ordinary JSON arrays and objects, for readers who know no OTLP.</summary>
internal static class PlainJson
{
    /// <summary>Writes an ArrayValue or a KeyValueList message.</summary>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> message, bool isMap)
    {
        if (isMap)
        {
            json.WriteStartObject();
        }
        else
        {
            json.WriteStartArray();
        }

        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            if (field != 1 || type != WireType.Bytes)
            {
                reader.Skip(type);
            }
            else if (isMap)
            {
                WriteMember(json, reader.ReadBytes());
            }
            else
            {
                WriteAny(json, reader.ReadBytes());
            }
        }

        if (isMap)
        {
            json.WriteEndObject();
        }
        else
        {
            json.WriteEndArray();
        }
    }

    private static void WriteMember(Utf8JsonWriter json, ReadOnlySpan<byte> message)
    {
        WirePair.Split(message, out var key, out var value);

        json.WritePropertyName(key);
        WriteAny(json, value);
    }

    private static void WriteAny(Utf8JsonWriter json, ReadOnlySpan<byte> message)
    {
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    json.WriteStringValue(reader.ReadBytes());
                    return;
                case (2, WireType.Varint):
                    json.WriteBooleanValue(reader.ReadVarint() != 0);
                    return;
                case (3, WireType.Varint):
                    json.WriteNumberValue((long)reader.ReadVarint());
                    return;
                case (4, WireType.Fixed64):
                    WriteDouble(json, reader.ReadDouble());
                    return;
                case (5 or 6, WireType.Bytes):
                    Write(json, reader.ReadBytes(), isMap: field == 6);
                    return;
                case (7, WireType.Bytes):
                    json.WriteBase64StringValue(reader.ReadBytes());
                    return;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        json.WriteNullValue();
    }

    private static void WriteDouble(Utf8JsonWriter json, double number)
    {
        if (double.IsFinite(number))
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteStringValue(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
        }
    }
}
