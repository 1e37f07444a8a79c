using System.Text.Json;
using Flyball.Model.Spans;
using Flyball.Model.Wire;

namespace Flyball.Ingest.Otlp.Json;

/// <summary>Reads lists of KeyValue; lists and maps inside become the protobuf bytes the span model keeps.</summary>
internal static class JsonAttributes
{
    /// <summary>Adds the attributes of an owner that was added just before.</summary>
    public static void Read(ref Utf8JsonReader reader, SpanBatch batch, JsonText text, AttributeOwner owner)
    {
        var list = new JsonList(ref reader);
        while (list.Next(ref reader))
        {
            ByteSlice key = default;
            var value = default(AttributeValue);
            var walk = new JsonWalk(ref reader);
            while (walk.NextMember(ref reader))
            {
                if (reader.ValueTextEquals("key"u8))
                {
                    key = text.Read(ref reader);
                }
                else if (reader.ValueTextEquals("value"u8))
                {
                    reader.Read();
                    value = ReadValue(ref reader, batch, text);
                }
                else
                {
                    reader.Skip();
                }
            }

            batch.AddAttribute(owner, key, value);
        }
    }

    private static AttributeValue ReadValue(ref Utf8JsonReader reader, SpanBatch batch, JsonText text)
    {
        var value = default(AttributeValue);
        var walk = new JsonWalk(ref reader);
        while (walk.NextMember(ref reader))
        {
            value = ReadMember(ref reader, batch, text) ?? value;
        }

        return value;
    }

    private static AttributeValue? ReadMember(ref Utf8JsonReader reader, SpanBatch batch, JsonText text)
    {
        switch (MemberOf(ref reader))
        {
            case AttributeKind.Empty:
                reader.Skip();
                return null;
            case AttributeKind.Text:
                reader.Read();
                return IsNull(ref reader) ? null : AttributeValue.OfText(text.Here(ref reader));
            case AttributeKind.Boolean:
                reader.Read();
                return IsNull(ref reader) ? null : AttributeValue.OfBoolean(BooleanHere(ref reader));
            case AttributeKind.Integer:
                reader.Read();
                return IsNull(ref reader) ? null : AttributeValue.OfInteger(JsonText.SignedHere(ref reader));
            case AttributeKind.Double:
                reader.Read();
                return IsNull(ref reader) ? null : AttributeValue.OfDouble(JsonText.DoubleHere(ref reader));
            case AttributeKind.Bytes:
                reader.Read();
                return IsNull(ref reader) ? null : AttributeValue.OfBytes(AttributeKind.Bytes, batch.Store(Base64Here(ref reader)));
            case var kind:
                reader.Read();
                if (IsNull(ref reader))
                {
                    return null;
                }

                var writer = new WireWriter();
                WriteNested(ref reader, writer, kind);
                return AttributeValue.OfBytes(kind, batch.Store(writer.Written));
        }
    }

    private static AttributeKind MemberOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("stringValue"u8) ? AttributeKind.Text
        : reader.ValueTextEquals("intValue"u8) ? AttributeKind.Integer
        : reader.ValueTextEquals("boolValue"u8) ? AttributeKind.Boolean
        : reader.ValueTextEquals("doubleValue"u8) ? AttributeKind.Double
        : reader.ValueTextEquals("arrayValue"u8) ? AttributeKind.Array
        : reader.ValueTextEquals("kvlistValue"u8) ? AttributeKind.Map
        : reader.ValueTextEquals("bytesValue"u8) ? AttributeKind.Bytes
        : AttributeKind.Empty;

    // Depth is bounded by the JSON reader, which stops at 64 levels.
    private static void WriteNested(ref Utf8JsonReader reader, WireWriter writer, AttributeKind kind)
    {
        var walk = new JsonWalk(ref reader);
        while (walk.NextMember(ref reader))
        {
            if (!reader.ValueTextEquals("values"u8))
            {
                reader.Skip();
                continue;
            }

            reader.Read();
            var list = new JsonList(ref reader);
            while (list.Next(ref reader))
            {
                var element = writer.Begin(1);
                if (kind == AttributeKind.Array)
                {
                    WriteValue(ref reader, writer);
                }
                else
                {
                    WriteKeyValue(ref reader, writer);
                }

                writer.End(element);
            }
        }
    }

    private static void WriteKeyValue(ref Utf8JsonReader reader, WireWriter writer)
    {
        var walk = new JsonWalk(ref reader);
        while (walk.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("key"u8))
            {
                reader.Read();
                WriteText(ref reader, writer, always: false);
            }
            else if (reader.ValueTextEquals("value"u8))
            {
                reader.Read();
                var value = writer.Begin(2);
                WriteValue(ref reader, writer);
                writer.End(value);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void WriteValue(ref Utf8JsonReader reader, WireWriter writer)
    {
        var walk = new JsonWalk(ref reader);
        while (walk.NextMember(ref reader))
        {
            var kind = MemberOf(ref reader);
            if (kind == AttributeKind.Empty)
            {
                reader.Skip();
                continue;
            }

            reader.Read();
            if (!IsNull(ref reader))
            {
                WriteMember(ref reader, writer, kind);
            }
        }
    }

    private static void WriteMember(ref Utf8JsonReader reader, WireWriter writer, AttributeKind kind)
    {
        switch (kind)
        {
            case AttributeKind.Text:
                WriteText(ref reader, writer, always: true);
                break;
            case AttributeKind.Boolean:
                writer.VarintAlways(2, BooleanHere(ref reader) ? 1u : 0u);
                break;
            case AttributeKind.Integer:
                writer.VarintAlways(3, (ulong)JsonText.SignedHere(ref reader));
                break;
            case AttributeKind.Double:
                writer.DoubleAlways(4, JsonText.DoubleHere(ref reader));
                break;
            case AttributeKind.Bytes:
                writer.BytesAlways(7, Base64Here(ref reader));
                break;
            default:
                var nested = writer.Begin(kind == AttributeKind.Array ? 5 : 6);
                WriteNested(ref reader, writer, kind);
                writer.End(nested);
                break;
        }
    }

    private static void WriteText(ref Utf8JsonReader reader, WireWriter writer, bool always)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw JsonText.Unexpected(ref reader, "text");
        }

        var text = reader.ValueIsEscaped ? JsonText.Unescape(ref reader) : reader.ValueSpan;
        if (always || !text.IsEmpty)
        {
            writer.BytesAlways(1, text);
        }
    }

    private static bool BooleanHere(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw JsonText.Unexpected(ref reader, "true or false"),
    };

    private static byte[] Base64Here(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out var bytes)
            ? bytes
            : throw JsonText.Unexpected(ref reader, "base64");

    private static bool IsNull(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null;
}
