using Flyball.Model.Time;

namespace Flyball.Model.Spans;

/// <summary>Where bytes lie in a batch's arena.</summary>
public readonly record struct ByteSlice(int Offset, int Length)
{
    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => Length == 0;
}

/// <summary>A run of rows in a table of the batch.</summary>
public readonly record struct RowRange(int Start, int Count);

/// <summary>Who an attribute belongs to.</summary>
public enum AttributeOwner
{
    /// <summary>The entity that produced the spans.</summary>
    Resource,

    /// <summary>The library that produced them.</summary>
    Scope,

    /// <summary>The span.</summary>
    Span,

    /// <summary>An event of a span.</summary>
    Event,

    /// <summary>A link of a span.</summary>
    Link,
}

/// <summary>What produced spans: a service, a runner, a pipeline run.</summary>
public struct ResourceRow
{
    /// <summary>Its attributes.</summary>
    public RowRange Attributes;

    /// <summary>Schema of the attributes, may be empty.</summary>
    public ByteSlice SchemaUrl;

    /// <summary>Attributes the sender dropped.</summary>
    public uint DroppedAttributes;
}

/// <summary>The library that made spans.</summary>
public struct ScopeRow
{
    /// <summary>Its name, may be empty.</summary>
    public ByteSlice Name;

    /// <summary>Its version, may be empty.</summary>
    public ByteSlice Version;

    /// <summary>Its attributes.</summary>
    public RowRange Attributes;

    /// <summary>Schema of the attributes, may be empty.</summary>
    public ByteSlice SchemaUrl;

    /// <summary>Attributes the sender dropped.</summary>
    public uint DroppedAttributes;
}

/// <summary>One span. Field meanings: OpenTelemetry protocol, message Span; Prometheus documentation.</summary>
public struct SpanRow
{
    /// <summary>Its trace; never zero.</summary>
    public TraceId TraceId;

    /// <summary>Itself; never zero.</summary>
    public SpanId SpanId;

    /// <summary>Its parent; zero for a root.</summary>
    public SpanId ParentId;

    /// <summary>When it began.</summary>
    public TimestampNs Start;

    /// <summary>When it ended; may be before <see cref="Start"/>, then its duration counts as 0.</summary>
    public TimestampNs End;

    /// <summary>Its name, may be empty.</summary>
    public ByteSlice Name;

    /// <summary>W3C trace state, may be empty.</summary>
    public ByteSlice TraceState;

    /// <summary>Status message, may be empty.</summary>
    public ByteSlice StatusMessage;

    /// <summary>W3C flags and "parent is remote" bits.</summary>
    public uint Flags;

    /// <summary>Kind; unknown numbers are kept.</summary>
    public SpanKind Kind;

    /// <summary>Status; unknown numbers are kept.</summary>
    public SpanStatus Status;

    /// <summary>Row of its resource.</summary>
    public int Resource;

    /// <summary>Row of its scope.</summary>
    public int Scope;

    /// <summary>Its attributes.</summary>
    public RowRange Attributes;

    /// <summary>Its events.</summary>
    public RowRange Events;

    /// <summary>Its links.</summary>
    public RowRange Links;

    /// <summary>Attributes the sender dropped.</summary>
    public uint DroppedAttributes;

    /// <summary>Events the sender dropped.</summary>
    public uint DroppedEvents;

    /// <summary>Links the sender dropped.</summary>
    public uint DroppedLinks;

    /// <summary>Nanoseconds from start to end, 0 when the end is before the start.</summary>
    public readonly ulong DurationNs => End.Value > Start.Value ? End.Value - Start.Value : 0;
}

/// <summary>Something that happened during a span.</summary>
public struct EventRow
{
    /// <summary>When.</summary>
    public TimestampNs Time;

    /// <summary>What.</summary>
    public ByteSlice Name;

    /// <summary>Its attributes.</summary>
    public RowRange Attributes;

    /// <summary>Attributes the sender dropped.</summary>
    public uint DroppedAttributes;
}

/// <summary>A pointer from a span to another one.</summary>
public struct LinkRow
{
    /// <summary>The other trace.</summary>
    public TraceId TraceId;

    /// <summary>The other span.</summary>
    public SpanId SpanId;

    /// <summary>Its trace state, may be empty.</summary>
    public ByteSlice TraceState;

    /// <summary>W3C flags.</summary>
    public uint Flags;

    /// <summary>Its attributes.</summary>
    public RowRange Attributes;

    /// <summary>Attributes the sender dropped.</summary>
    public uint DroppedAttributes;
}

/// <summary>A key with its value.</summary>
public struct AttributeRow
{
    /// <summary>The key, UTF-8.</summary>
    public ByteSlice Key;

    /// <summary>The value.</summary>
    public AttributeValue Value;
}

/// <summary>Kinds of attribute values.</summary>
public enum AttributeKind : byte
{
    /// <summary>A legal value with nothing in it.</summary>
    Empty,

    /// <summary>UTF-8 text.</summary>
    Text,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A 64-bit integer.</summary>
    Integer,

    /// <summary>A double.</summary>
    Double,

    /// <summary>A list, as the bytes of an OTLP ArrayValue message.</summary>
    Array,

    /// <summary>A map, as the bytes of an OTLP KeyValueList message.</summary>
    Map,

    /// <summary>Raw bytes.</summary>
    Bytes,
}

/// <summary>The value of an attribute; text and nested values lie in the batch's arena.</summary>
public readonly record struct AttributeValue(AttributeKind Kind, long Bits, ByteSlice Slice)
{
    /// <summary>The value as an integer; only for <see cref="AttributeKind.Integer"/>.</summary>
    public long Integer => Bits;

    /// <summary>The value as a double; only for <see cref="AttributeKind.Double"/>.</summary>
    public double Double => BitConverter.Int64BitsToDouble(Bits);

    /// <summary>The value as a boolean; only for <see cref="AttributeKind.Boolean"/>.</summary>
    public bool Boolean => Bits != 0;

    /// <summary>A text value.</summary>
    public static AttributeValue OfText(ByteSlice text) => new(AttributeKind.Text, 0, text);

    /// <summary>An integer value.</summary>
    public static AttributeValue OfInteger(long value) => new(AttributeKind.Integer, value, default);

    /// <summary>A floating point value.</summary>
    public static AttributeValue OfDouble(double value) => new(AttributeKind.Double, BitConverter.DoubleToInt64Bits(value), default);

    /// <summary>A boolean value.</summary>
    public static AttributeValue OfBoolean(bool value) => new(AttributeKind.Boolean, value ? 1 : 0, default);

    /// <summary>A value whose bytes lie in the arena: array, map or bytes.</summary>
    public static AttributeValue OfBytes(AttributeKind kind, ByteSlice bytes) => new(kind, 0, bytes);
}

/// <summary>Relationship of a span to its caller and callees. OTLP numbers.</summary>
public enum SpanKind
{
    /// <summary>Not said.</summary>
    Unspecified,

    /// <summary>Inside one process.</summary>
    Internal,

    /// <summary>Answers a request.</summary>
    Server,

    /// <summary>Sends a request.</summary>
    Client,

    /// <summary>Sends a message.</summary>
    Producer,

    /// <summary>Handles a message.</summary>
    Consumer,
}

/// <summary>How a span ended. OTLP numbers.</summary>
public enum SpanStatus
{
    /// <summary>Not said.</summary>
    Unset,

    /// <summary>Said to be fine.</summary>
    Ok,

    /// <summary>Failed.</summary>
    Error,
}
