using Flyball.Model.Spans;
using Flyball.Traces.Strings;

namespace Flyball.Traces.Pages;

/// <summary>Says whether a span is wanted.</summary>
internal delegate bool SpanFilter(in SpanRow span);

/// <summary>Turns an arriving batch into a page with its own strings.</summary>
internal sealed class BatchToPage
{
    private readonly SpanBatch _batch;
    private readonly StringTable _strings = new();
    private readonly SpanPage _page;
    private readonly int[] _resources;
    private readonly int[] _scopes;
    private long[] _slots = new long[32];
    private long[] _values = new long[32];

    private BatchToPage(SpanBatch batch)
    {
        _batch = batch;
        _page = new SpanPage(_strings, batch.Count);
        _resources = new int[batch.Resources.Length];
        _scopes = new int[batch.Scopes.Length];
    }

    /// <summary>Copies what the batch holds; the batch may be reused afterwards.</summary>
    /// <param name="accepts">Which spans are taken; null takes all.</param>
    public static SpanPage Convert(SpanBatch batch, SpanFilter? accepts = null)
    {
        var work = new BatchToPage(batch);
        work.AddResources();
        work.AddScopes();
        foreach (ref readonly var span in batch.Spans)
        {
            if (accepts is null || accepts(span))
            {
                work.AddSpan(span);
            }
        }

        return work._page;
    }

    private void AddResources()
    {
        for (var i = 0; i < _resources.Length; i++)
        {
            ref readonly var row = ref _batch.Resources[i];
            var shape = ReadAttributes(row.Attributes, out var values);
            _resources[i] = _page.Resources.Intern([Text(row.SchemaUrl), row.DroppedAttributes, shape, .. values]);
        }
    }

    private void AddScopes()
    {
        for (var i = 0; i < _scopes.Length; i++)
        {
            ref readonly var row = ref _batch.Scopes[i];
            var shape = ReadAttributes(row.Attributes, out var values);
            _scopes[i] = _page.Scopes.Intern(
                [Text(row.Name), Text(row.Version), Text(row.SchemaUrl), row.DroppedAttributes, shape, .. values]);
        }
    }

    private void AddSpan(in SpanRow span)
    {
        _page.TraceHigh.Add(span.TraceId.High);
        _page.TraceLow.Add(span.TraceId.Low);
        _page.SpanId.Add(span.SpanId.Value);
        _page.ParentId.Add(span.ParentId.Value);
        _page.Start.Add(span.Start.Value);
        _page.End.Add(span.End.Value);
        _page.Name.Add(Text(span.Name));
        _page.Kind.Add((int)span.Kind);
        _page.Status.Add((int)span.Status);
        _page.StatusMessage.Add(Text(span.StatusMessage));
        _page.TraceState.Add(Text(span.TraceState));
        _page.Flags.Add(span.Flags);
        _page.DroppedAttributes.Add(span.DroppedAttributes);
        _page.DroppedEvents.Add(span.DroppedEvents);
        _page.DroppedLinks.Add(span.DroppedLinks);
        _page.Resource.Add(_resources[span.Resource]);
        _page.Scope.Add(_scopes[span.Scope]);
        AddAttributes(_page.Attributes, span.Attributes);
        AddEvents(span.Events);
        AddLinks(span.Links);
    }

    private void AddEvents(RowRange range)
    {
        foreach (ref readonly var row in _batch.Events.Slice(range.Start, range.Count))
        {
            _page.Events.Time.Add(row.Time.Value);
            _page.Events.Name.Add(Text(row.Name));
            _page.Events.Dropped.Add(row.DroppedAttributes);
            AddAttributes(_page.Events.Attributes, row.Attributes);
        }

        _page.EventEnds.Add(_page.Events.Time.Count);
    }

    private void AddLinks(RowRange range)
    {
        foreach (ref readonly var row in _batch.Links.Slice(range.Start, range.Count))
        {
            _page.Links.TraceHigh.Add(row.TraceId.High);
            _page.Links.TraceLow.Add(row.TraceId.Low);
            _page.Links.SpanId.Add(row.SpanId.Value);
            _page.Links.TraceState.Add(Text(row.TraceState));
            _page.Links.Flags.Add(row.Flags);
            _page.Links.Dropped.Add(row.DroppedAttributes);
            AddAttributes(_page.Links.Attributes, row.Attributes);
        }

        _page.LinkEnds.Add(_page.Links.SpanId.Count);
    }

    private void AddAttributes(AttributeSets sets, RowRange range)
    {
        var shape = ReadAttributes(range, out var values);
        sets.Add(shape, values);
    }

    private int ReadAttributes(RowRange range, out ReadOnlySpan<long> values)
    {
        if (_slots.Length < range.Count)
        {
            _slots = new long[range.Count * 2];
            _values = new long[range.Count * 2];
        }

        var at = 0;
        foreach (ref readonly var row in _batch.Attributes.Slice(range.Start, range.Count))
        {
            var value = row.Value;
            _slots[at] = AttributeSets.Slot(Text(row.Key), value.Kind);
            _values[at++] = AttributeSets.IsString(value.Kind) ? Text(value.Slice) : value.Bits;
        }

        values = _values.AsSpan(0, at);
        return _page.Shapes.Intern(_slots.AsSpan(0, at));
    }

    private int Text(ByteSlice slice) => slice.IsEmpty ? 0 : _strings.Intern(_batch.Bytes(slice));
}
