using System.Buffers.Text;
using System.Text.Json;
using Flyball.Model.Spans;

namespace Flyball.Ingest.Otlp.Json;

/// <summary>Reads single values as OTLP's JSON mapping writes them. Each method stands on a member's name and consumes its value.</summary>
/// <param name="batch">Where text is copied to.</param>
internal sealed class JsonText(SpanBatch batch)
{
    /// <summary>Reads text into the batch; null is empty.</summary>
    public ByteSlice Read(ref Utf8JsonReader reader)
    {
        reader.Read();
        return Here(ref reader);
    }

    /// <summary>Stores the text the reader stands on.</summary>
    public ByteSlice Here(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return default;
            case JsonTokenType.String when !reader.ValueIsEscaped:
                return batch.Store(reader.ValueSpan);
            case JsonTokenType.String:
                return batch.Store(Unescape(ref reader));
            default:
                throw Unexpected(ref reader, "text");
        }
    }

    /// <summary>The text the reader stands on, unescaped.</summary>
    public static ReadOnlySpan<byte> Unescape(ref Utf8JsonReader reader)
    {
        var utf8 = new byte[reader.ValueSpan.Length];
        try
        {
            return utf8.AsSpan(0, reader.CopyString(utf8));
        }
        catch (InvalidOperationException e)
        {
            throw new OtlpDecodeException($"the text at byte {reader.TokenStartIndex} has half of a surrogate pair", e);
        }
    }

    /// <summary>Reads an id in hex of either case; an empty or null one has length 0.</summary>
    /// <returns>Bytes written: 0 or the length of the destination.</returns>
    /// <exception cref="OtlpDecodeException">Another length, or no hex.</exception>
    public static int ReadHex(ref Utf8JsonReader reader, scoped Span<byte> destination)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return 0;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            throw Unexpected(ref reader, "an id in hex");
        }

        var text = reader.ValueSpan;
        if (text.IsEmpty)
        {
            return 0;
        }

        if (text.Length != destination.Length * 2
            || Convert.FromHexString(text, destination, out _, out var written) != System.Buffers.OperationStatus.Done
            || written != destination.Length)
        {
            throw new OtlpDecodeException($"the id at byte {reader.TokenStartIndex} is not {destination.Length * 2} hex digits");
        }

        return destination.Length;
    }

    /// <summary>Reads a 64-bit number given as a number or as decimal text; null is 0.</summary>
    public static ulong ReadUnsigned(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return 0;
        }

        if (reader.TokenType is JsonTokenType.Number or JsonTokenType.String
            && Utf8Parser.TryParse(reader.ValueSpan, out ulong value, out var used) && used == reader.ValueSpan.Length)
        {
            return value;
        }

        throw Unexpected(ref reader, "a whole number");
    }

    /// <summary>Reads the signed 64-bit number the reader stands on, given as a number or as decimal text.</summary>
    public static long SignedHere(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.Number or JsonTokenType.String
            && Utf8Parser.TryParse(reader.ValueSpan, out long value, out var used) && used == reader.ValueSpan.Length)
        {
            return value;
        }

        throw Unexpected(ref reader, "a whole number");
    }

    /// <summary>Reads the double the reader stands on, given as a number or as text ("NaN", "Infinity", "-Infinity", digits).</summary>
    public static double DoubleHere(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.GetDouble();
        }

        if (reader.TokenType == JsonTokenType.String)
        {
            if (reader.ValueTextEquals("NaN"u8))
            {
                return double.NaN;
            }

            if (reader.ValueTextEquals("Infinity"u8) || reader.ValueTextEquals("-Infinity"u8))
            {
                return reader.ValueSpan[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            }

            if (Utf8Parser.TryParse(reader.ValueSpan, out double value, out var used) && used == reader.ValueSpan.Length)
            {
                return value;
            }
        }

        throw Unexpected(ref reader, "a number");
    }

    /// <summary>Reads an enum, which this mapping writes as an integer only.</summary>
    public static int ReadEnum(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return 0;
        }

        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var value)
            ? value
            : throw Unexpected(ref reader, "an enum as an integer");
    }

    /// <summary>The complaint about a value of the wrong kind.</summary>
    public static OtlpDecodeException Unexpected(ref Utf8JsonReader reader, string wanted) =>
        new($"{wanted} is expected at byte {reader.TokenStartIndex}");
}
