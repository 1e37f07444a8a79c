using Flyball.Model.Spans;
using Flyball.Traces.Pages;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>Goes through the attributes of a span and of its resource, named as a query names them.</summary>
internal static class SpanFields
{
    public static void Visit(in SpanContext span, TextCache texts, Action<string, Value> visit)
    {
        var page = span.Page;
        Visit(page, page.Shapes[page.Attributes.Shapes[span.Row]], page.Attributes.ValuesOf(span.Row, page.Shapes), "span.", texts, visit);
        var resource = page.Resources[page.Resource[span.Row]];
        Visit(page, page.Shapes[(int)resource[2]], resource[SpanPage.ResourceHead..], "resource.", texts, visit);
    }

    private static void Visit(
        SpanPage page, ReadOnlySpan<long> slots, ReadOnlySpan<long> values, string scope, TextCache texts, Action<string, Value> visit)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            var kind = AttributeSets.KindOf(slots[i]);
            Value? value = kind switch
            {
                AttributeKind.Text => Value.Of(texts[page.Strings, (int)values[i]]),
                AttributeKind.Integer => Value.Of(values[i]),
                AttributeKind.Double => Value.Of(BitConverter.Int64BitsToDouble(values[i])),
                AttributeKind.Boolean => Value.Of(values[i] != 0),
                _ => null,
            };
            if (value is { } known)
            {
                visit(scope + texts[page.Strings, AttributeSets.KeyOf(slots[i])], known);
            }
        }
    }
}
