namespace Flyball.PromQL.Functions;

/// <summary>Order statistics without sorting: time grows with the number of values, not with its logarithm too.</summary>
internal static class Selection
{
    // Below this many values sorting is as quick.
    private const int WorthSelecting = 24;

    /// <summary>The value at a rank; the ones before it end up at most as large, those behind at least. NaN counts as least.</summary>
    public static double Nth(Span<double> values, int rank)
    {
        var missing = NaNFirst(values);
        if (rank < missing)
        {
            return double.NaN;
        }

        var (from, until) = (missing, values.Length);
        // Pivots are medians of three: sorted input is no trouble, and what is made to be trouble ends in a sort.
        for (var patience = 4 * (32 - int.LeadingZeroCount(values.Length)); until - from > WorthSelecting && patience > 0; patience--)
        {
            var (left, right) = Partition(values, from, until, Pivot(values, from, until));
            if (rank <= right)
            {
                until = right + 1;
            }
            else if (rank >= left)
            {
                from = left;
            }
            else
            {
                return values[rank];
            }
        }

        values[from..until].Sort();
        return values[rank];
    }

    /// <summary>The least of some values; NaN if any is.</summary>
    public static double Least(ReadOnlySpan<double> values)
    {
        var least = values[0];
        foreach (var value in values)
        {
            if (double.IsNaN(value))
            {
                return value;
            }

            least = value < least ? value : least;
        }

        return least;
    }

    private static int NaNFirst(Span<double> values)
    {
        var count = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (double.IsNaN(values[i]))
            {
                (values[i], values[count]) = (values[count], values[i]);
                count++;
            }
        }

        return count;
    }

    private static double Pivot(ReadOnlySpan<double> values, int from, int until)
    {
        var (a, b, c) = (values[from], values[(from + until) >>> 1], values[until - 1]);
        return Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
    }

    /// <summary>Hoare's partition: afterwards everything up to the right end is at most the pivot, everything from the left end on at
    /// least, and what lies between equals it.</summary>
    private static (int Left, int Right) Partition(Span<double> values, int from, int until, double pivot)
    {
        var (left, right) = (from, until - 1);
        while (left <= right)
        {
            while (values[left] < pivot)
            {
                left++;
            }

            while (values[right] > pivot)
            {
                right--;
            }

            if (left <= right)
            {
                (values[left], values[right]) = (values[right], values[left]);
                left++;
                right--;
            }
        }

        return (left, right);
    }
}
