using Flyball.PromQL.Evaluation;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Functions;

/// <summary><c>sort</c>, <c>sort_desc</c>: floats by value, NaN last; only instant queries show it.</summary>
internal sealed class SortByValueNode(VectorNode inner, bool descending, SourceSpan span) : VectorNode
{
    public override bool HasOneName => inner.HasOneName;

    public override void Run(QueryScope scope, RowSink sink)
    {
        var rows = inner.Collect(scope);
        if (SortWarning.Applies(scope, span))
        {
            rows.ForEach(r => r.Histograms = null);
            Push(rows.FindAll(r => r.HasAny()), sink);
            return;
        }

        rows.RemoveAll(r => Absent.Is(r.Values[0]));
        var sign = descending ? -1 : 1;
        var sorted = rows.Order(Comparer<SeriesRow>.Create((a, b) =>
        {
            var (x, y) = (a.Values[0], b.Values[0]);
            var byNaN = double.IsNaN(x).CompareTo(double.IsNaN(y));
            return byNaN != 0 || double.IsNaN(x) ? byNaN : sign * x.CompareTo(y);
        }));
        Push([.. sorted], sink);
    }
}

/// <summary><c>sort_by_label</c>, <c>sort_by_label_desc</c>: by label values in natural order, ties by all labels.</summary>
internal sealed class SortByLabelNode(VectorNode inner, string[] labels, bool descending, SourceSpan span) : VectorNode
{
    public override bool HasOneName => inner.HasOneName;

    public override void Run(QueryScope scope, RowSink sink)
    {
        var rows = inner.Collect(scope);
        if (!SortWarning.Applies(scope, span))
        {
            var keyed = rows.ConvertAll(r => (Row: r, Keys: Array.ConvertAll(labels, l => r.Labels[l])));
            keyed.Sort((a, b) => descending ? -Compare(a.Row, a.Keys, b.Row, b.Keys) : Compare(a.Row, a.Keys, b.Row, b.Keys));
            rows = keyed.ConvertAll(k => k.Row);
        }

        Push(rows, sink);
    }

    private static int Compare(SeriesRow a, string[] keysA, SeriesRow b, string[] keysB)
    {
        for (var i = 0; i < keysA.Length; i++)
        {
            var order = NaturalOrder.Compare(keysA[i], keysB[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return a.Labels.CompareTo(b.Labels);
    }
}

internal static class SortWarning
{
    /// <summary>Over a range results are in label order anyway: says so.</summary>
    public static bool Applies(QueryScope scope, SourceSpan span)
    {
        if (scope.Grid.Count == 1)
        {
            return false;
        }

        scope.Annotations.Warn(span, "sort is ineffective for range queries since results are always ordered by labels");
        return true;
    }
}

/// <summary>Compares text so that runs of digits count as numbers: <c>a2</c> before <c>a10</c>.</summary>
internal static class NaturalOrder
{
    public static int Compare(string a, string b)
    {
        int i = 0, j = 0;
        while (i < a.Length && j < b.Length)
        {
            var runA = RunLength(a, i);
            var runB = RunLength(b, j);
            var order = char.IsAsciiDigit(a[i]) && char.IsAsciiDigit(b[j])
                ? CompareDigits(a.AsSpan(i, runA), b.AsSpan(j, runB))
                : a.AsSpan(i, runA).CompareTo(b.AsSpan(j, runB), StringComparison.Ordinal);
            if (order != 0)
            {
                return order;
            }

            i += runA;
            j += runB;
        }

        return (a.Length - i).CompareTo(b.Length - j);
    }

    private static int RunLength(string text, int at)
    {
        var digit = char.IsAsciiDigit(text[at]);
        var end = at + 1;
        while (end < text.Length && char.IsAsciiDigit(text[end]) == digit)
        {
            end++;
        }

        return end - at;
    }

    private static int CompareDigits(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        var plainA = a.TrimStart('0');
        var plainB = b.TrimStart('0');
        var order = plainA.Length.CompareTo(plainB.Length);
        order = order != 0 ? order : plainA.CompareTo(plainB, StringComparison.Ordinal);
        return order != 0 ? order : a.Length.CompareTo(b.Length);
    }
}
