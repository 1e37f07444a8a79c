using System.Buffers.Binary;
using System.Globalization;

namespace Flyball.Model.Spans;

/// <summary>The 16-byte id of a trace. All zero is "none" (W3C Trace Context, "trace-id").</summary>
public readonly record struct TraceId(ulong High, ulong Low) : IComparable<TraceId>
{
    /// <summary>Bytes of an id.</summary>
    public const int Size = 16;

    /// <summary>Whether this is no id.</summary>
    public bool IsZero => (High | Low) == 0;

    /// <summary>From 16 bytes, most significant first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 16 bytes.</exception>
    public static TraceId Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    /// <summary>From 1 to 32 hex digits of either case; shorter ones are padded on the left, as queries send them.</summary>
    public static bool TryParse(ReadOnlySpan<char> hex, out TraceId id)
    {
        id = default;
        if (hex.Length is 0 or > 32)
        {
            return false;
        }

        ulong high = 0;
        var low = hex;
        if (hex.Length > 16)
        {
            low = hex[^16..];
            if (!ulong.TryParse(hex[..^16], NumberStyles.AllowHexSpecifier, null, out high))
            {
                return false;
            }
        }

        if (!ulong.TryParse(low, NumberStyles.AllowHexSpecifier, null, out var lowValue))
        {
            return false;
        }

        id = new TraceId(high, lowValue);
        return true;
    }

    /// <summary>Writes 16 bytes, most significant first.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
    }

    /// <inheritdoc />
    public int CompareTo(TraceId other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <summary>Byte order.</summary>
    public static bool operator <(TraceId a, TraceId b) => a.CompareTo(b) < 0;

    /// <summary>Byte order.</summary>
    public static bool operator >(TraceId a, TraceId b) => a.CompareTo(b) > 0;

    /// <summary>Byte order.</summary>
    public static bool operator <=(TraceId a, TraceId b) => a.CompareTo(b) <= 0;

    /// <summary>Byte order.</summary>
    public static bool operator >=(TraceId a, TraceId b) => a.CompareTo(b) >= 0;

    /// <summary>32 lower-case hex digits.</summary>
    public override string ToString() => $"{High:x16}{Low:x16}";
}

/// <summary>The 8-byte id of a span. 0 is "none", e.g. the parent of a root.</summary>
public readonly record struct SpanId(ulong Value) : IComparable<SpanId>
{
    /// <summary>Bytes of an id.</summary>
    public const int Size = 8;

    /// <summary>Whether this is no id.</summary>
    public bool IsZero => Value == 0;

    /// <summary>From 8 bytes, most significant first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 8 bytes.</exception>
    public static SpanId Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt64BigEndian(bytes));

    /// <summary>From 1 to 16 hex digits of either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> hex, out SpanId id)
    {
        id = default;
        if (hex.Length is 0 or > 16 || !ulong.TryParse(hex, NumberStyles.AllowHexSpecifier, null, out var value))
        {
            return false;
        }

        id = new SpanId(value);
        return true;
    }

    /// <summary>Writes 8 bytes, most significant first.</summary>
    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt64BigEndian(bytes, Value);

    /// <inheritdoc />
    public int CompareTo(SpanId other) => Value.CompareTo(other.Value);

    /// <summary>Byte order.</summary>
    public static bool operator <(SpanId a, SpanId b) => a.Value < b.Value;

    /// <summary>Byte order.</summary>
    public static bool operator >(SpanId a, SpanId b) => a.Value > b.Value;

    /// <summary>Byte order.</summary>
    public static bool operator <=(SpanId a, SpanId b) => a.Value <= b.Value;

    /// <summary>Byte order.</summary>
    public static bool operator >=(SpanId a, SpanId b) => a.Value >= b.Value;

    /// <summary>16 lower-case hex digits.</summary>
    public override string ToString() => $"{Value:x16}";
}
