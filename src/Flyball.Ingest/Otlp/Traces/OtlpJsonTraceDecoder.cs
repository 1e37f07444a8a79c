using System.Text.Json;
using System.Text.Unicode;
using Flyball.Ingest.Otlp.Json;
using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Ingest.Otlp.Traces;

/// <summary>Reads an ExportTraceServiceRequest in OTLP's JSON mapping (OpenTelemetry protocol specification) into a <see cref="SpanBatch"/>.</summary>
/// <remarks>Members come in any order while the batch wants an owner before its children: an object's own members are read
/// first, the places of its children are remembered as copies of the reader and visited afterwards.</remarks>
internal ref struct OtlpJsonTraceDecoder
{
    private readonly SpanBatch _batch;
    private readonly RejectedSpans _rejected;
    private readonly JsonText _text;

    private OtlpJsonTraceDecoder(SpanBatch batch, RejectedSpans rejected)
    {
        _batch = batch;
        _rejected = rejected;
        _text = new JsonText(batch);
    }

    /// <summary>Adds the valid spans of a request to a batch; the others are counted.</summary>
    /// <exception cref="OtlpDecodeException">The bytes are no such message; the batch holds a part that must not be used.</exception>
    public static void Decode(ReadOnlySpan<byte> body, SpanBatch batch, RejectedSpans rejected)
    {
        if (!Utf8.IsValid(body))
        {
            throw new OtlpDecodeException("the body is not valid UTF-8");
        }

        try
        {
            var reader = new Utf8JsonReader(body);
            reader.Read();
            new OtlpJsonTraceDecoder(batch, rejected).ReadRequest(ref reader);
            if (reader.Read())
            {
                throw new OtlpDecodeException("something follows the request's object");
            }
        }
        catch (JsonException e)
        {
            throw new OtlpDecodeException(e.Message, e);
        }
    }

    private void ReadRequest(ref Utf8JsonReader reader)
    {
        var walk = new JsonWalk(ref reader);
        while (walk.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("resourceSpans"u8))
            {
                reader.Read();
                var list = new JsonList(ref reader);
                while (list.Next(ref reader))
                {
                    ReadResourceSpans(ref reader);
                }
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadResourceSpans(ref Utf8JsonReader reader)
    {
        Utf8JsonReader resource = default, scopes = default;
        ByteSlice schemaUrl = default;
        var walk = new JsonWalk(ref reader);
        while (walk.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("resource"u8))
            {
                resource = JsonWalk.Remember(ref reader);
            }
            else if (reader.ValueTextEquals("scopeSpans"u8))
            {
                scopes = JsonWalk.Remember(ref reader);
            }
            else if (reader.ValueTextEquals("schemaUrl"u8))
            {
                schemaUrl = _text.Read(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        AddResource(ref resource, schemaUrl);
        var list = new JsonList(ref scopes);
        while (list.Next(ref scopes))
        {
            ReadScopeSpans(ref scopes);
        }
    }

    private void AddResource(ref Utf8JsonReader reader, ByteSlice schemaUrl)
    {
        var owner = default(JsonOwner);
        var walk = new JsonWalk(ref reader);
        while (walk.NextMember(ref reader))
        {
            owner.ReadOrSkip(ref reader);
        }

        _batch.AddResource(schemaUrl, owner.Dropped);
        JsonAttributes.Read(ref owner.Attributes, _batch, _text, AttributeOwner.Resource);
    }

    private void ReadScopeSpans(ref Utf8JsonReader reader)
    {
        Utf8JsonReader scope = default, spans = default;
        ByteSlice schemaUrl = default;
        var walk = new JsonWalk(ref reader);
        while (walk.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("scope"u8))
            {
                scope = JsonWalk.Remember(ref reader);
            }
            else if (reader.ValueTextEquals("spans"u8))
            {
                spans = JsonWalk.Remember(ref reader);
            }
            else if (reader.ValueTextEquals("schemaUrl"u8))
            {
                schemaUrl = _text.Read(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        AddScope(ref scope, schemaUrl);
        var list = new JsonList(ref spans);
        while (list.Next(ref spans))
        {
            ReadSpan(ref spans);
        }
    }

    private void AddScope(ref Utf8JsonReader reader, ByteSlice schemaUrl)
    {
        var owner = default(JsonOwner);
        ByteSlice name = default, version = default;
        var walk = new JsonWalk(ref reader);
        while (walk.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("name"u8))
            {
                name = _text.Read(ref reader);
            }
            else if (reader.ValueTextEquals("version"u8))
            {
                version = _text.Read(ref reader);
            }
            else
            {
                owner.ReadOrSkip(ref reader);
            }
        }

        _batch.AddScope(name, version, schemaUrl, owner.Dropped);
        JsonAttributes.Read(ref owner.Attributes, _batch, _text, AttributeOwner.Scope);
    }

    private void ReadSpan(ref Utf8JsonReader reader)
    {
        var span = default(SpanRow);
        Utf8JsonReader events = default, links = default;
        var owner = default(JsonOwner);
        Span<byte> traceId = stackalloc byte[TraceId.Size], spanId = stackalloc byte[SpanId.Size], parentId = stackalloc byte[SpanId.Size];
        int traceLength = 0, spanLength = 0, parentLength = 0;
        var walk = new JsonWalk(ref reader);
        while (walk.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("traceId"u8))
            {
                traceLength = JsonText.ReadHex(ref reader, traceId);
            }
            else if (reader.ValueTextEquals("spanId"u8))
            {
                spanLength = JsonText.ReadHex(ref reader, spanId);
            }
            else if (reader.ValueTextEquals("parentSpanId"u8))
            {
                parentLength = JsonText.ReadHex(ref reader, parentId);
            }
            else if (reader.ValueTextEquals("events"u8))
            {
                events = JsonWalk.Remember(ref reader);
            }
            else if (reader.ValueTextEquals("links"u8))
            {
                links = JsonWalk.Remember(ref reader);
            }
            else
            {
                ReadSpanMember(ref reader, ref span, ref owner);
            }
        }

        if (!SpanIds.TryRead(traceId[..traceLength], spanId[..spanLength], parentId[..parentLength], ref span, _rejected))
        {
            return;
        }

        span.DroppedAttributes = owner.Dropped;
        _batch.AddSpan(span);
        JsonAttributes.Read(ref owner.Attributes, _batch, _text, AttributeOwner.Span);
        for (var list = new JsonList(ref events); list.Next(ref events);)
        {
            ReadEvent(ref events);
        }

        for (var list = new JsonList(ref links); list.Next(ref links);)
        {
            ReadLink(ref links);
        }
    }

    private readonly void ReadSpanMember(ref Utf8JsonReader reader, ref SpanRow span, ref JsonOwner owner)
    {
        if (reader.ValueTextEquals("name"u8))
        {
            span.Name = _text.Read(ref reader);
        }
        else if (reader.ValueTextEquals("kind"u8))
        {
            span.Kind = (SpanKind)JsonText.ReadEnum(ref reader);
        }
        else if (reader.ValueTextEquals("startTimeUnixNano"u8))
        {
            span.Start = new TimestampNs(JsonText.ReadUnsigned(ref reader));
        }
        else if (reader.ValueTextEquals("endTimeUnixNano"u8))
        {
            span.End = new TimestampNs(JsonText.ReadUnsigned(ref reader));
        }
        else if (reader.ValueTextEquals("traceState"u8))
        {
            span.TraceState = _text.Read(ref reader);
        }
        else if (reader.ValueTextEquals("flags"u8))
        {
            span.Flags = (uint)JsonText.ReadUnsigned(ref reader);
        }
        else if (reader.ValueTextEquals("status"u8))
        {
            reader.Read();
            ReadStatus(ref reader, ref span);
        }
        else if (reader.ValueTextEquals("droppedEventsCount"u8))
        {
            span.DroppedEvents = (uint)JsonText.ReadUnsigned(ref reader);
        }
        else if (reader.ValueTextEquals("droppedLinksCount"u8))
        {
            span.DroppedLinks = (uint)JsonText.ReadUnsigned(ref reader);
        }
        else
        {
            owner.ReadOrSkip(ref reader);
        }
    }

    private readonly void ReadStatus(ref Utf8JsonReader reader, ref SpanRow span)
    {
        var walk = new JsonWalk(ref reader);
        while (walk.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("message"u8))
            {
                span.StatusMessage = _text.Read(ref reader);
            }
            else if (reader.ValueTextEquals("code"u8))
            {
                span.Status = (SpanStatus)JsonText.ReadEnum(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private readonly void ReadEvent(ref Utf8JsonReader reader)
    {
        var owner = default(JsonOwner);
        ulong time = 0;
        ByteSlice name = default;
        var walk = new JsonWalk(ref reader);
        while (walk.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("timeUnixNano"u8))
            {
                time = JsonText.ReadUnsigned(ref reader);
            }
            else if (reader.ValueTextEquals("name"u8))
            {
                name = _text.Read(ref reader);
            }
            else
            {
                owner.ReadOrSkip(ref reader);
            }
        }

        _batch.AddEvent(new TimestampNs(time), name, owner.Dropped);
        JsonAttributes.Read(ref owner.Attributes, _batch, _text, AttributeOwner.Event);
    }

    private readonly void ReadLink(ref Utf8JsonReader reader)
    {
        var owner = default(JsonOwner);
        var link = default(LinkRow);
        Span<byte> id = stackalloc byte[TraceId.Size];
        var walk = new JsonWalk(ref reader);
        while (walk.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("traceId"u8))
            {
                link.TraceId = JsonText.ReadHex(ref reader, id) == TraceId.Size ? TraceId.Read(id) : default;
            }
            else if (reader.ValueTextEquals("spanId"u8))
            {
                link.SpanId = JsonText.ReadHex(ref reader, id[..SpanId.Size]) == SpanId.Size ? SpanId.Read(id) : default;
            }
            else if (reader.ValueTextEquals("traceState"u8))
            {
                link.TraceState = _text.Read(ref reader);
            }
            else if (reader.ValueTextEquals("flags"u8))
            {
                link.Flags = (uint)JsonText.ReadUnsigned(ref reader);
            }
            else
            {
                owner.ReadOrSkip(ref reader);
            }
        }

        link.DroppedAttributes = owner.Dropped;
        _batch.AddLink(link);
        JsonAttributes.Read(ref owner.Attributes, _batch, _text, AttributeOwner.Link);
    }

    /// <summary>What every owner of attributes has: the place of the attributes, and how many the sender left out.</summary>
    private ref struct JsonOwner
    {
        public Utf8JsonReader Attributes;

        public uint Dropped { get; private set; }

        /// <summary>Takes the member the reader stands on, or passes over it.</summary>
        public void ReadOrSkip(scoped ref Utf8JsonReader reader)
        {
            if (reader.ValueTextEquals("attributes"u8))
            {
                Attributes = JsonWalk.Remember(ref reader);
            }
            else if (reader.ValueTextEquals("droppedAttributesCount"u8))
            {
                Dropped = (uint)JsonText.ReadUnsigned(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }
}
