using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Flyball.Model.Wire;

namespace Flyball.Ingest.Otlp.Metrics;

/// <summary>Reads OTLP attributes as the texts that become label values.</summary>
internal static class AttributeReader
{
    private const int DeepestValue = 32;

    /// <summary>Reads one KeyValue.</summary>
    /// <exception cref="WireFormatException">It is malformed.</exception>
    /// <exception cref="OtlpDecodeException">A text is not UTF-8, or a value is nested too deeply.</exception>
    public static KeyValuePair<string, string> Read(ReadOnlySpan<byte> message)
    {
        var (key, value) = ReadPair(message, DeepestValue);
        return new(key, value is null ? "" : value is JsonValue text && text.TryGetValue(out string? plain) ? plain : value.ToJsonString());
    }

    /// <summary>Text of UTF-8 bytes.</summary>
    /// <exception cref="OtlpDecodeException">They are not UTF-8.</exception>
    public static string Text(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes)
        ? Encoding.UTF8.GetString(bytes)
        : throw new OtlpDecodeException("a text is not valid UTF-8");

    private static (string Key, JsonNode? Value) ReadPair(ReadOnlySpan<byte> message, int depth)
    {
        var key = "";
        JsonNode? value = null;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    key = Text(reader.ReadBytes());
                    break;
                case (2, WireType.Bytes):
                    value = ReadAny(reader.ReadBytes(), depth);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return (key, value);
    }

    private static JsonNode? ReadAny(ReadOnlySpan<byte> message, int depth)
    {
        if (depth == 0)
        {
            throw new OtlpDecodeException($"an attribute value is nested more than {DeepestValue} levels deep");
        }

        JsonNode? value = null;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    value = Text(reader.ReadBytes());
                    break;
                case (2, WireType.Varint):
                    value = reader.ReadVarint() != 0 ? "true" : "false";
                    break;
                case (3, WireType.Varint):
                    value = ((long)reader.ReadVarint()).ToString(CultureInfo.InvariantCulture);
                    break;
                case (4, WireType.Fixed64):
                    value = reader.ReadDouble().ToString("R", CultureInfo.InvariantCulture);
                    break;
                case (5, WireType.Bytes):
                    value = ReadArray(reader.ReadBytes(), depth - 1);
                    break;
                case (6, WireType.Bytes):
                    value = ReadMap(reader.ReadBytes(), depth - 1);
                    break;
                case (7, WireType.Bytes):
                    value = Convert.ToBase64String(reader.ReadBytes());
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return value;
    }

    private static JsonArray ReadArray(ReadOnlySpan<byte> message, int depth)
    {
        var array = new JsonArray();
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            if (field == 1 && type == WireType.Bytes)
            {
                array.Add(ReadAny(reader.ReadBytes(), depth));
            }
            else
            {
                reader.Skip(type);
            }
        }

        return array;
    }

    private static JsonObject ReadMap(ReadOnlySpan<byte> message, int depth)
    {
        var map = new JsonObject();
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            if (field == 1 && type == WireType.Bytes)
            {
                var (key, value) = ReadPair(reader.ReadBytes(), depth);
                map[key] = value;
            }
            else
            {
                reader.Skip(type);
            }
        }

        return map;
    }
}
