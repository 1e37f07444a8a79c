using System.Text.Unicode;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Model.Wire;

namespace Flyball.Ingest.Otlp.Traces;

/// <summary>Reads an ExportTraceServiceRequest in protobuf straight into the tables of a <see cref="SpanBatch"/>.</summary>
/// <remarks>
/// The whole body is copied into the batch's arena once; every text is then a slice of that copy. Protobuf allows fields in
/// any order while the batch wants an owner before its attributes, so each message is walked for its own fields first and
/// for its repeated children afterwards; the second walk starts where the first saw a child, which for every known sender
/// is directly behind the own fields. Field numbers: OpenTelemetry protocol specification.
/// </remarks>
internal ref struct OtlpTraceDecoder
{
    private const int DeepestValue = 32;

    private readonly SpanBatch _batch;
    private readonly RejectedSpans _rejected;
    private readonly int _base;
    private ReadOnlySpan<byte> _body;

    private OtlpTraceDecoder(ReadOnlySpan<byte> body, SpanBatch batch, RejectedSpans rejected)
    {
        _batch = batch;
        _rejected = rejected;
        _base = batch.Store(body).Offset;
        _body = body;
    }

    /// <summary>Adds the valid spans of a request to a batch; the others are counted.</summary>
    /// <exception cref="OtlpDecodeException">The bytes are no such message; the batch holds a part that must not be used.</exception>
    public static void Decode(ReadOnlySpan<byte> body, SpanBatch batch, RejectedSpans rejected)
    {
        try
        {
            new OtlpTraceDecoder(body, batch, rejected).ReadRequest();
        }
        catch (WireFormatException e)
        {
            throw new OtlpDecodeException(e.Message, e);
        }
    }

    private void ReadRequest()
    {
        foreach (var resourceSpans in Children(new Range(0, _body.Length), field: 1))
        {
            ReadResourceSpans(resourceSpans);
        }
    }

    private void ReadResourceSpans(Range message)
    {
        AddResource(message);
        foreach (var scopeSpans in Children(message, field: 2))
        {
            ReadScopeSpans(scopeSpans);
        }
    }

    private void AddResource(Range message)
    {
        var (resource, schemaUrl) = ReadOwner(message);
        var row = Open(resource);
        var dropped = ReadDropped(ref row, droppedField: 2);
        _batch.AddResource(schemaUrl, dropped);
        ReadAttributes(resource, AttributeOwner.Resource, field: 1);
    }

    private void ReadScopeSpans(Range message)
    {
        var (scope, schemaUrl) = ReadOwner(message);
        AddScope(scope, schemaUrl);
        foreach (var span in Children(message, field: 2))
        {
            ReadSpan(span);
        }
    }

    // ResourceSpans and ScopeSpans have their owner and its schema under the same numbers.
    private readonly (Range Owner, ByteSlice SchemaUrl) ReadOwner(Range message)
    {
        ByteSlice schemaUrl = default;
        Range owner = default;
        var reader = Open(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    owner = Child(ref reader, message.Start);
                    break;
                case (3, WireType.Bytes):
                    schemaUrl = Text(ref reader, message.Start);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return (owner, schemaUrl);
    }

    private void AddScope(Range scope, ByteSlice schemaUrl)
    {
        ByteSlice name = default, version = default;
        uint dropped = 0;
        var reader = Open(scope);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    name = Text(ref reader, scope.Start);
                    break;
                case (2, WireType.Bytes):
                    version = Text(ref reader, scope.Start);
                    break;
                case (4, WireType.Varint):
                    dropped = (uint)reader.ReadVarint();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        _batch.AddScope(name, version, schemaUrl, dropped);
        ReadAttributes(scope, AttributeOwner.Scope, field: 3);
    }

    private void ReadSpan(Range message)
    {
        var span = default(SpanRow);
        ReadOnlySpan<byte> traceId = default, spanId = default, parentId = default;
        int firstAttribute = -1, firstEvent = -1, firstLink = -1;
        var reader = Open(message);
        while (true)
        {
            var at = reader.Position;
            if (!reader.TryReadField(out var field, out var type))
            {
                break;
            }

            switch (field, type)
            {
                case (1, WireType.Bytes):
                    traceId = reader.ReadBytes();
                    break;
                case (2, WireType.Bytes):
                    spanId = reader.ReadBytes();
                    break;
                case (3, WireType.Bytes):
                    span.TraceState = Text(ref reader, message.Start);
                    break;
                case (4, WireType.Bytes):
                    parentId = reader.ReadBytes();
                    break;
                case (5, WireType.Bytes):
                    span.Name = Text(ref reader, message.Start);
                    break;
                case (6, WireType.Varint):
                    span.Kind = (SpanKind)(int)reader.ReadVarint();
                    break;
                case (7, WireType.Fixed64):
                    span.Start = new TimestampNs(reader.ReadFixed64());
                    break;
                case (8, WireType.Fixed64):
                    span.End = new TimestampNs(reader.ReadFixed64());
                    break;
                case (9, WireType.Bytes):
                    firstAttribute = firstAttribute < 0 ? at : firstAttribute;
                    reader.ReadBytes();
                    break;
                case (10, WireType.Varint):
                    span.DroppedAttributes = (uint)reader.ReadVarint();
                    break;
                case (11, WireType.Bytes):
                    firstEvent = firstEvent < 0 ? at : firstEvent;
                    reader.ReadBytes();
                    break;
                case (12, WireType.Varint):
                    span.DroppedEvents = (uint)reader.ReadVarint();
                    break;
                case (13, WireType.Bytes):
                    firstLink = firstLink < 0 ? at : firstLink;
                    reader.ReadBytes();
                    break;
                case (14, WireType.Varint):
                    span.DroppedLinks = (uint)reader.ReadVarint();
                    break;
                case (15, WireType.Bytes):
                    ReadStatus(Child(ref reader, message.Start), ref span);
                    break;
                case (16, WireType.Fixed32):
                    span.Flags = reader.ReadFixed32();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        if (!SpanIds.TryRead(traceId, spanId, parentId, ref span, _rejected))
        {
            return;
        }

        _batch.AddSpan(span);
        ReadAttributes(message, AttributeOwner.Span, field: 9, firstAttribute);
        foreach (var e in Children(message, field: 11, firstEvent))
        {
            ReadEvent(e);
        }

        foreach (var link in Children(message, field: 13, firstLink))
        {
            ReadLink(link);
        }
    }

    private void ReadStatus(Range message, ref SpanRow span)
    {
        var reader = Open(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (2, WireType.Bytes):
                    span.StatusMessage = Text(ref reader, message.Start);
                    break;
                case (3, WireType.Varint):
                    span.Status = (SpanStatus)(int)reader.ReadVarint();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
    }

    private void ReadEvent(Range message)
    {
        ulong time = 0;
        ByteSlice name = default;
        uint dropped = 0;
        var reader = Open(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Fixed64):
                    time = reader.ReadFixed64();
                    break;
                case (2, WireType.Bytes):
                    name = Text(ref reader, message.Start);
                    break;
                case (4, WireType.Varint):
                    dropped = (uint)reader.ReadVarint();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        _batch.AddEvent(new TimestampNs(time), name, dropped);
        ReadAttributes(message, AttributeOwner.Event, field: 3);
    }

    private void ReadLink(Range message)
    {
        var link = default(LinkRow);
        ReadOnlySpan<byte> traceId = default, spanId = default;
        var reader = Open(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    traceId = reader.ReadBytes();
                    break;
                case (2, WireType.Bytes):
                    spanId = reader.ReadBytes();
                    break;
                case (3, WireType.Bytes):
                    link.TraceState = Text(ref reader, message.Start);
                    break;
                case (5, WireType.Varint):
                    link.DroppedAttributes = (uint)reader.ReadVarint();
                    break;
                case (6, WireType.Fixed32):
                    link.Flags = reader.ReadFixed32();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        link.TraceId = traceId.Length == TraceId.Size ? TraceId.Read(traceId) : default;
        link.SpanId = spanId.Length == SpanId.Size ? SpanId.Read(spanId) : default;
        _batch.AddLink(link);
        ReadAttributes(message, AttributeOwner.Link, field: 4);
    }

    private static uint ReadDropped(ref WireReader reader, int droppedField)
    {
        uint dropped = 0;
        while (reader.TryReadField(out var field, out var type))
        {
            if (field == droppedField && type == WireType.Varint)
            {
                dropped = (uint)reader.ReadVarint();
            }
            else
            {
                reader.Skip(type);
            }
        }

        return dropped;
    }

    private void ReadAttributes(Range message, AttributeOwner owner, int field, int first = 0)
    {
        foreach (var keyValue in Children(message, field, first))
        {
            ReadKeyValue(keyValue, owner);
        }
    }

    private void ReadKeyValue(Range message, AttributeOwner owner)
    {
        ByteSlice key = default;
        var value = default(AttributeValue);
        var reader = Open(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    key = Text(ref reader, message.Start);
                    break;
                case (2, WireType.Bytes):
                    value = ReadValue(Child(ref reader, message.Start));
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        _batch.AddAttribute(owner, key, value);
    }

    private readonly AttributeValue ReadValue(Range message)
    {
        var value = default(AttributeValue);
        var reader = Open(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    value = AttributeValue.OfText(Text(ref reader, message.Start));
                    break;
                case (2, WireType.Varint):
                    value = AttributeValue.OfBoolean(reader.ReadVarint() != 0);
                    break;
                case (3, WireType.Varint):
                    value = AttributeValue.OfInteger((long)reader.ReadVarint());
                    break;
                case (4, WireType.Fixed64):
                    value = AttributeValue.OfDouble(reader.ReadDouble());
                    break;
                case (5, WireType.Bytes):
                    value = Nested(ref reader, message.Start, AttributeKind.Array);
                    break;
                case (6, WireType.Bytes):
                    value = Nested(ref reader, message.Start, AttributeKind.Map);
                    break;
                case (7, WireType.Bytes):
                    value = AttributeValue.OfBytes(AttributeKind.Bytes, Slice(ref reader, message.Start));
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return value;
    }

    private readonly AttributeValue Nested(ref WireReader reader, int offset, AttributeKind kind)
    {
        var slice = Slice(ref reader, offset);
        NestedValues.Check(_body.Slice(slice.Offset - _base, slice.Length), kind, DeepestValue);
        return AttributeValue.OfBytes(kind, slice);
    }

    private readonly WireReader Open(Range message) => new(_body.Slice(message.Start, message.Length));

    // Offsets of a child are counted from the body, the reader counts from its own message: hence the parent's start.
    private static Range Child(ref WireReader reader, int parentStart = 0)
    {
        var length = reader.ReadBytes().Length;
        return new Range(parentStart + reader.Position - length, length);
    }

    private readonly ByteSlice Slice(ref WireReader reader, int parentStart)
    {
        var range = Child(ref reader, parentStart);
        return range.Length == 0 ? default : new ByteSlice(_base + range.Start, range.Length);
    }

    private readonly ByteSlice Text(ref WireReader reader, int parentStart)
    {
        var slice = Slice(ref reader, parentStart);
        if (!Utf8.IsValid(_body.Slice(slice.IsEmpty ? 0 : slice.Offset - _base, slice.Length)))
        {
            throw new OtlpDecodeException($"the text at byte {slice.Offset - _base} is not valid UTF-8");
        }

        return slice;
    }

    // From where the first walk saw the first child; below zero it saw none.
    private readonly ChildWalk Children(Range message, int field, int first = 0)
    {
        if (first < 0)
        {
            return default;
        }

        var reader = Open(message);
        reader.Position = first;
        return new ChildWalk(reader, field, message.Start);
    }

    /// <summary>Goes through the messages in one repeated field of a message.</summary>
    private ref struct ChildWalk(WireReader reader, int field, int parentStart)
    {
        private readonly int _field = field;
        private readonly int _parentStart = parentStart;
        private WireReader _reader = reader;

        public Range Current { get; private set; }

        public readonly ChildWalk GetEnumerator() => this;

        public bool MoveNext()
        {
            while (_reader.TryReadField(out var found, out var type))
            {
                if (found == _field && type == WireType.Bytes)
                {
                    Current = Child(ref _reader, _parentStart);
                    return true;
                }

                _reader.Skip(type);
            }

            return false;
        }
    }

    /// <summary>Where a message lies in the body.</summary>
    private readonly record struct Range(int Start, int Length);
}
