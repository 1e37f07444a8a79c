using Flyball.Model.Spans;
using Flyball.Traces.Pages;

namespace Flyball.Traces.Segments;

/// <summary>Collects the attribute keys of pages, apart for each kind of owner.</summary>
internal sealed class KeyCollector
{
    /// <summary>Kinds of owners, numbered as <see cref="AttributeOwner"/>.</summary>
    public const int Owners = 5;

    private readonly HashSet<int>[] _keys = [[], [], [], [], []];

    /// <summary>The keys of one kind of owner so far.</summary>
    public IReadOnlyCollection<int> this[AttributeOwner owner] => _keys[(int)owner];

    /// <summary>Takes the keys of a page.</summary>
    public void Add(SpanPage page)
    {
        for (var i = 0; i < page.Resources.Count; i++)
        {
            AddShape(AttributeOwner.Resource, page, (int)page.Resources[i][2]);
        }

        for (var i = 0; i < page.Scopes.Count; i++)
        {
            AddShape(AttributeOwner.Scope, page, (int)page.Scopes[i][4]);
        }

        AddShapes(AttributeOwner.Span, page, page.Attributes);
        AddShapes(AttributeOwner.Event, page, page.Events.Attributes);
        AddShapes(AttributeOwner.Link, page, page.Links.Attributes);
    }

    /// <summary>Takes the keys of one span, its resource, scope, events and links.</summary>
    public void AddSpan(SpanPage page, int row)
    {
        AddShape(AttributeOwner.Resource, page, (int)page.Resources[page.Resource[row]][2]);
        AddShape(AttributeOwner.Scope, page, (int)page.Scopes[page.Scope[row]][4]);
        AddShape(AttributeOwner.Span, page, page.Attributes.Shapes[row]);
        var (from, until) = page.EventsOf(row);
        for (var i = from; i < until; i++)
        {
            AddShape(AttributeOwner.Event, page, page.Events.Attributes.Shapes[i]);
        }

        (from, until) = page.LinksOf(row);
        for (var i = from; i < until; i++)
        {
            AddShape(AttributeOwner.Link, page, page.Links.Attributes.Shapes[i]);
        }
    }

    private void AddShapes(AttributeOwner owner, SpanPage page, AttributeSets sets)
    {
        var seen = new bool[page.Shapes.Count];
        foreach (var shape in sets.Shapes.Items)
        {
            if (!seen[shape])
            {
                seen[shape] = true;
                AddShape(owner, page, shape);
            }
        }
    }

    private void AddShape(AttributeOwner owner, SpanPage page, int shape)
    {
        foreach (var slot in page.Shapes[shape])
        {
            _keys[(int)owner].Add(AttributeSets.KeyOf(slot));
        }
    }
}
