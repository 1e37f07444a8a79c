using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Traces.Pages;

/// <summary>Writes rows of pages back into a batch, for whoever asked for a trace.</summary>
internal sealed class PageToBatch(SpanBatch batch)
{
    private readonly Dictionary<(SpanPage, int), int> _resources = [];
    private readonly Dictionary<(SpanPage, int), int> _scopes = [];
    private readonly Dictionary<object, Dictionary<int, ByteSlice>> _textsOf = [];
    private SpanPage? _page;
    private Dictionary<int, ByteSlice> _texts = [];

    /// <summary>Appends a row; rows of the same page share resources and scopes in the batch too.</summary>
    public void Add(SpanPage page, int row)
    {
        Turn(page);
        var resource = ResourceOf(page, page.Resource[row]);
        var scope = ScopeOf(page, page.Scope[row]);
        var span = new SpanRow
        {
            TraceId = page.TraceOf(row),
            SpanId = new SpanId(page.SpanId[row]),
            ParentId = new SpanId(page.ParentId[row]),
            Start = new TimestampNs(page.Start[row]),
            End = new TimestampNs(page.End[row]),
            Name = Text(page.Name[row]),
            Kind = (SpanKind)page.Kind[row],
            Status = (SpanStatus)page.Status[row],
            StatusMessage = Text(page.StatusMessage[row]),
            TraceState = Text(page.TraceState[row]),
            Flags = page.Flags[row],
            DroppedAttributes = page.DroppedAttributes[row],
            DroppedEvents = page.DroppedEvents[row],
            DroppedLinks = page.DroppedLinks[row],
        };
        batch.AddSpan(span, resource, scope);
        AddSet(AttributeOwner.Span, page.Attributes, row);
        AddEvents(page, row);
        AddLinks(page, row);
    }

    private void Turn(SpanPage page)
    {
        if (_page == page)
        {
            return;
        }

        // Pages of one segment share their strings.
        _page = page;
        if (!_textsOf.TryGetValue(page.Strings, out var texts))
        {
            _textsOf[page.Strings] = texts = [];
        }

        _texts = texts;
    }

    private int ResourceOf(SpanPage page, int id)
    {
        if (!_resources.TryGetValue((page, id), out var row))
        {
            var resource = page.Resources[id];
            _resources[(page, id)] = row = batch.AddResource(Text((int)resource[0]), (uint)resource[1]);
            AddValues(AttributeOwner.Resource, (int)resource[2], resource[SpanPage.ResourceHead..]);
        }

        return row;
    }

    private int ScopeOf(SpanPage page, int id)
    {
        if (!_scopes.TryGetValue((page, id), out var row))
        {
            var scope = page.Scopes[id];
            _scopes[(page, id)] = row = batch.AddScope(Text((int)scope[0]), Text((int)scope[1]), Text((int)scope[2]), (uint)scope[3]);
            AddValues(AttributeOwner.Scope, (int)scope[4], scope[SpanPage.ScopeHead..]);
        }

        return row;
    }

    private void AddEvents(SpanPage page, int row)
    {
        var (from, until) = page.EventsOf(row);
        for (var i = from; i < until; i++)
        {
            batch.AddEvent(new TimestampNs(page.Events.Time[i]), Text(page.Events.Name[i]), page.Events.Dropped[i]);
            AddSet(AttributeOwner.Event, page.Events.Attributes, i);
        }
    }

    private void AddLinks(SpanPage page, int row)
    {
        var (from, until) = page.LinksOf(row);
        for (var i = from; i < until; i++)
        {
            batch.AddLink(new LinkRow
            {
                TraceId = new TraceId(page.Links.TraceHigh[i], page.Links.TraceLow[i]),
                SpanId = new SpanId(page.Links.SpanId[i]),
                TraceState = Text(page.Links.TraceState[i]),
                Flags = page.Links.Flags[i],
                DroppedAttributes = page.Links.Dropped[i],
            });
            AddSet(AttributeOwner.Link, page.Links.Attributes, i);
        }
    }

    private void AddSet(AttributeOwner owner, AttributeSets sets, int row) =>
        AddValues(owner, sets.Shapes[row], sets.ValuesOf(row, _page!.Shapes));

    private void AddValues(AttributeOwner owner, int shape, ReadOnlySpan<long> values)
    {
        var slots = _page!.Shapes[shape];
        for (var i = 0; i < slots.Length; i++)
        {
            var kind = AttributeSets.KindOf(slots[i]);
            var value = AttributeSets.IsString(kind)
                ? new AttributeValue(kind, 0, Text((int)values[i]))
                : new AttributeValue(kind, values[i], default);
            batch.AddAttribute(owner, Text(AttributeSets.KeyOf(slots[i])), value);
        }
    }

    private ByteSlice Text(int id)
    {
        if (id == 0)
        {
            return default;
        }

        if (!_texts.TryGetValue(id, out var slice))
        {
            _texts[id] = slice = batch.Store(_page!.Strings[id]);
        }

        return slice;
    }
}
