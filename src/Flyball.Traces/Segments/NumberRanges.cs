using Flyball.Model.Spans;
using Flyball.Traces.Pages;

namespace Flyball.Traces.Segments;

/// <summary>Finds between which values the numeric attributes of a page lie.</summary>
internal static class NumberRanges
{
    // Whole numbers beyond this are not all doubles: their range is made a little wider.
    private const double Exact = 1L << 53;

    public static NumberRange[] Of(SpanPage page)
    {
        var ranges = new SortedDictionary<int, (double Least, double Most)>();
        AddSets(page, page.Attributes, ranges);
        AddSets(page, page.Events.Attributes, ranges);
        AddSets(page, page.Links.Attributes, ranges);
        for (var i = 0; i < page.Resources.Count; i++)
        {
            Add(page.Shapes[(int)page.Resources[i][2]], page.Resources[i][SpanPage.ResourceHead..], ranges);
        }

        for (var i = 0; i < page.Scopes.Count; i++)
        {
            Add(page.Shapes[(int)page.Scopes[i][4]], page.Scopes[i][SpanPage.ScopeHead..], ranges);
        }

        return [.. ranges.Select(r => new NumberRange(
            r.Key,
            Math.Abs(r.Value.Least) > Exact ? Math.BitDecrement(r.Value.Least) : r.Value.Least,
            Math.Abs(r.Value.Most) > Exact ? Math.BitIncrement(r.Value.Most) : r.Value.Most))];
    }

    private static void AddSets(SpanPage page, AttributeSets sets, SortedDictionary<int, (double Least, double Most)> ranges)
    {
        for (var row = 0; row < sets.Shapes.Count; row++)
        {
            Add(page.Shapes[sets.Shapes[row]], sets.ValuesOf(row, page.Shapes), ranges);
        }
    }

    private static void Add(ReadOnlySpan<long> slots, ReadOnlySpan<long> values, SortedDictionary<int, (double Least, double Most)> ranges)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            var kind = AttributeSets.KindOf(slots[i]);
            if (kind is not (AttributeKind.Integer or AttributeKind.Double))
            {
                continue;
            }

            var number = kind == AttributeKind.Integer ? values[i] : BitConverter.Int64BitsToDouble(values[i]);
            var key = AttributeSets.KeyOf(slots[i]);
            ranges[key] = ranges.TryGetValue(key, out var known)
                ? (Math.Min(known.Least, number), Math.Max(known.Most, number))
                : (number, number);
        }
    }
}
