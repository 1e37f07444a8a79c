using Flyball.Model.Spans;
using Flyball.Traces.Pages;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>Reads an attribute.</summary>
internal sealed class AttributeNode(AttributeField field, TextCache texts) : Node, ITextField
{
    private readonly StringId _key = new(field.Name);

    public override Value Evaluate(in SpanContext span)
    {
        var key = _key.In(span.Page.Strings);
        if (key < 0)
        {
            return Value.Nil;
        }

        return field.Scope switch
        {
            AttributeScope.Event => ReadEvents(span, key),
            AttributeScope.Link => ReadLinks(span, key),
            _ => TryRead(span, key, out var kind, out var bits) ? Decode(span.Page, kind, bits) : Value.Nil,
        };
    }

    public int TextId(in SpanContext span, out Value fallback)
    {
        fallback = Value.Nil;
        var key = _key.In(span.Page.Strings);
        if (key < 0)
        {
            return -1;
        }

        if (field.Scope is not (AttributeScope.Event or AttributeScope.Link) && TryRead(span, key, out var kind, out var bits)
            && kind == AttributeKind.Text)
        {
            return (int)bits;
        }

        fallback = Evaluate(span);
        return -1;
    }

    private bool TryRead(in SpanContext span, int key, out AttributeKind kind, out long bits)
    {
        var page = span.Page;
        if (field.Scope is AttributeScope.Any or AttributeScope.Span
            && TryFind(page.Shapes[page.Attributes.Shapes[span.Row]], page.Attributes.ValuesOf(span.Row, page.Shapes), key, out kind, out bits))
        {
            return true;
        }

        if (field.Scope is AttributeScope.Any or AttributeScope.Resource)
        {
            var resource = page.Resources[page.Resource[span.Row]];
            return TryFind(page.Shapes[(int)resource[2]], resource[SpanPage.ResourceHead..], key, out kind, out bits);
        }

        if (field.Scope == AttributeScope.Instrumentation)
        {
            var scope = page.Scopes[page.Scope[span.Row]];
            return TryFind(page.Shapes[(int)scope[4]], scope[SpanPage.ScopeHead..], key, out kind, out bits);
        }

        (kind, bits) = (default, 0);
        return false;
    }

    // From the back: of duplicate keys the last one counts.
    private static bool TryFind(ReadOnlySpan<long> slots, ReadOnlySpan<long> values, int key, out AttributeKind kind, out long bits)
    {
        for (var i = slots.Length - 1; i >= 0; i--)
        {
            if (AttributeSets.KeyOf(slots[i]) == key)
            {
                (kind, bits) = (AttributeSets.KindOf(slots[i]), values[i]);
                return true;
            }
        }

        (kind, bits) = (default, 0);
        return false;
    }

    private Value ReadEvents(in SpanContext span, int key)
    {
        var (from, until) = span.Page.EventsOf(span.Row);
        return ReadAll(span.Page, span.Page.Events.Attributes, from, until, key);
    }

    private Value ReadLinks(in SpanContext span, int key)
    {
        var (from, until) = span.Page.LinksOf(span.Row);
        return ReadAll(span.Page, span.Page.Links.Attributes, from, until, key);
    }

    private Value ReadAll(SpanPage page, AttributeSets sets, int from, int until, int key)
    {
        List<Value>? values = null;
        for (var i = from; i < until; i++)
        {
            if (TryFind(page.Shapes[sets.Shapes[i]], sets.ValuesOf(i, page.Shapes), key, out var kind, out var bits))
            {
                (values ??= []).Add(Decode(page, kind, bits));
            }
        }

        return values is null ? Value.Nil : Value.OfList(values);
    }

    private Value Decode(SpanPage page, AttributeKind kind, long bits) => kind switch
    {
        AttributeKind.Text => Value.Of(texts[page.Strings, (int)bits]),
        AttributeKind.Integer => Value.Of(bits),
        AttributeKind.Double => Value.Of(BitConverter.Int64BitsToDouble(bits)),
        AttributeKind.Boolean => Value.Of(bits != 0),
        AttributeKind.Array => ArrayValues.Read(page.Strings[(int)bits]),
        AttributeKind.Empty => Value.Nil,
        _ => Value.OfList([]),
    };
}
