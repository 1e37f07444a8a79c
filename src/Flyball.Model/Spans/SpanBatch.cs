using System.Text;
using Flyball.Model.Time;

namespace Flyball.Model.Spans;

/// <summary>Spans that arrive (or are read) together, in flat tables over one arena of bytes: no object per span or attribute.</summary>
/// <remarks>
/// <code>
/// resources ─┐            attributes: one table; every owner (resource, scope, span, event, link) holds (start, count)
/// scopes ────┼─▶ spans ─▶ events, links: one table each; every span holds (start, count)
///            └─ all text and bytes: slices of the arena
/// </code>
/// Owners' attributes, events and links are contiguous: add an owner's attributes directly after the owner, before the next.
/// Reused by <see cref="Clear"/>. One writer at a time; a batch that is no longer written may be read from many threads.
/// </remarks>
public sealed class SpanBatch
{
    private readonly List<ResourceRow> _resources = [];
    private readonly List<ScopeRow> _scopes = [];
    private readonly List<SpanRow> _spans = [];
    private readonly List<EventRow> _events = [];
    private readonly List<LinkRow> _links = [];
    private readonly List<AttributeRow> _attributes = [];
    private byte[] _arena = new byte[4096];
    private int _used;

    /// <summary>Resources, in order of arrival.</summary>
    public ReadOnlySpan<ResourceRow> Resources => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_resources);

    /// <summary>Instrumentation scopes.</summary>
    public ReadOnlySpan<ScopeRow> Scopes => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_scopes);

    /// <summary>The spans.</summary>
    public ReadOnlySpan<SpanRow> Spans => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_spans);

    /// <summary>Events of all spans.</summary>
    public ReadOnlySpan<EventRow> Events => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_events);

    /// <summary>Links of all spans.</summary>
    public ReadOnlySpan<LinkRow> Links => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_links);

    /// <summary>Attributes of all owners.</summary>
    public ReadOnlySpan<AttributeRow> Attributes => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_attributes);

    /// <summary>Number of spans.</summary>
    public int Count => _spans.Count;

    /// <summary>Empties the batch and keeps its memory.</summary>
    public void Clear()
    {
        _resources.Clear();
        _scopes.Clear();
        _spans.Clear();
        _events.Clear();
        _links.Clear();
        _attributes.Clear();
        _used = 0;
    }

    /// <summary>Copies bytes (UTF-8 text, or any) into the arena.</summary>
    public ByteSlice Store(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return default;
        }

        Ensure(bytes.Length);
        bytes.CopyTo(_arena.AsSpan(_used));
        var slice = new ByteSlice(_used, bytes.Length);
        _used += bytes.Length;
        return slice;
    }

    /// <summary>Copies text into the arena.</summary>
    public ByteSlice Store(string text)
    {
        Ensure(Encoding.UTF8.GetMaxByteCount(text.Length));
        var length = Encoding.UTF8.GetBytes(text, _arena.AsSpan(_used));
        var slice = new ByteSlice(_used, length);
        _used += length;
        return slice;
    }

    /// <summary>The bytes of a slice; they live until the batch changes.</summary>
    public ReadOnlySpan<byte> Bytes(ByteSlice slice) => _arena.AsSpan(slice.Offset, slice.Length);

    /// <summary>The text of a slice.</summary>
    public string Text(ByteSlice slice) => Encoding.UTF8.GetString(Bytes(slice));

    /// <summary>Begins a resource; scopes and spans added from now on belong to it.</summary>
    public int AddResource(ByteSlice schemaUrl = default, uint droppedAttributes = 0)
    {
        _resources.Add(new ResourceRow { SchemaUrl = schemaUrl, DroppedAttributes = droppedAttributes, Attributes = new(_attributes.Count, 0) });
        return _resources.Count - 1;
    }

    /// <summary>Begins an instrumentation scope of the newest resource; spans added from now on belong to it.</summary>
    public int AddScope(ByteSlice name, ByteSlice version, ByteSlice schemaUrl = default, uint droppedAttributes = 0)
    {
        _scopes.Add(new ScopeRow
        {
            Name = name,
            Version = version,
            SchemaUrl = schemaUrl,
            DroppedAttributes = droppedAttributes,
            Attributes = new(_attributes.Count, 0),
        });
        return _scopes.Count - 1;
    }

    /// <summary>Adds a span of the newest resource and scope (one of each must be there).</summary>
    /// <param name="span">Its own fields; resource, scope and the ranges of its children are filled in here.</param>
    public int AddSpan(SpanRow span) => AddSpan(span, _resources.Count - 1, _scopes.Count - 1);

    /// <summary>Adds a span of a resource and scope that were added earlier.</summary>
    /// <param name="span">Its own fields; resource, scope and the ranges of its children are filled in here.</param>
    public int AddSpan(SpanRow span, int resource, int scope)
    {
        span.Resource = resource;
        span.Scope = scope;
        span.Attributes = new(_attributes.Count, 0);
        span.Events = new(_events.Count, 0);
        span.Links = new(_links.Count, 0);
        _spans.Add(span);
        return _spans.Count - 1;
    }

    /// <summary>Adds an event to the newest span.</summary>
    public int AddEvent(TimestampNs time, ByteSlice name, uint droppedAttributes = 0)
    {
        _events.Add(new EventRow { Time = time, Name = name, DroppedAttributes = droppedAttributes, Attributes = new(_attributes.Count, 0) });
        ref var span = ref Last(_spans);
        span.Events = span.Events with { Count = span.Events.Count + 1 };
        return _events.Count - 1;
    }

    /// <summary>Adds a link to the newest span.</summary>
    public int AddLink(LinkRow link)
    {
        link.Attributes = new(_attributes.Count, 0);
        _links.Add(link);
        ref var span = ref Last(_spans);
        span.Links = span.Links with { Count = span.Links.Count + 1 };
        return _links.Count - 1;
    }

    /// <summary>Adds an attribute to the newest row of its owner's kind.</summary>
    public void AddAttribute(AttributeOwner owner, ByteSlice key, in AttributeValue value)
    {
        _attributes.Add(new AttributeRow { Key = key, Value = value });
        ref var range = ref RangeOf(owner);
        range = range with { Count = range.Count + 1 };
    }

    /// <summary>Adds a text attribute to the newest row of its owner's kind.</summary>
    public void AddAttribute(AttributeOwner owner, string key, string value) =>
        AddAttribute(owner, Store(key), AttributeValue.OfText(Store(value)));

    /// <summary>Adds an integer attribute to the newest row of its owner's kind.</summary>
    public void AddAttribute(AttributeOwner owner, string key, long value) =>
        AddAttribute(owner, Store(key), AttributeValue.OfInteger(value));

    /// <summary>Finds an attribute of an owner by its key; the last of several wins. Null when there is none.</summary>
    public AttributeValue? Find(RowRange range, ReadOnlySpan<byte> key)
    {
        for (var i = range.Start + range.Count - 1; i >= range.Start; i--)
        {
            var row = _attributes[i];
            if (Bytes(row.Key).SequenceEqual(key))
            {
                return row.Value;
            }
        }

        return null;
    }

    /// <summary>A text attribute of a span or, failing that, of its resource; null when neither has it as text.</summary>
    public string? FindText(in SpanRow span, ReadOnlySpan<byte> key)
    {
        var found = Find(span.Attributes, key) ?? Find(_resources[span.Resource].Attributes, key);
        return found is { Kind: AttributeKind.Text } value ? Text(value.Slice) : null;
    }

    private static ref T Last<T>(List<T> rows) => ref System.Runtime.InteropServices.CollectionsMarshal.AsSpan(rows)[^1];

    private ref RowRange RangeOf(AttributeOwner owner)
    {
        switch (owner)
        {
            case AttributeOwner.Resource:
                return ref Last(_resources).Attributes;
            case AttributeOwner.Scope:
                return ref Last(_scopes).Attributes;
            case AttributeOwner.Span:
                return ref Last(_spans).Attributes;
            case AttributeOwner.Event:
                return ref Last(_events).Attributes;
            default:
                return ref Last(_links).Attributes;
        }
    }

    private void Ensure(int count)
    {
        if (_arena.Length - _used < count)
        {
            Array.Resize(ref _arena, Math.Max(_arena.Length * 2, _used + count));
        }
    }
}
