using System.Buffers;

namespace Flyball.Metrics.Head;

/// <summary>Sorts captured series by rank: digit by digit, for comparing half a million times would take longer than reading them.</summary>
internal static class RankSort
{
    private const int DigitBits = 11;
    private const int Digits = 1 << DigitBits;

    // Below this many, setting up the digits costs more than comparing.
    private const int WorthDigits = 512;

    /// <summary>Sorts.</summary>
    /// <param name="rank">Of each series by its number; all differ.</param>
    public static void Sort(Span<HeadSeriesView> views, int[] rank)
    {
        if (views.Length < WorthDigits)
        {
            views.Sort((a, b) => rank[a.Series].CompareTo(rank[b.Series]));
            return;
        }

        var rented = ArrayPool<HeadSeriesView>.Shared.Rent(views.Length);
        var other = rented.AsSpan(0, views.Length);
        var isElsewhere = false;
        for (var shift = 0; (rank.Length - 1) >> shift != 0; shift += DigitBits)
        {
            Distribute(isElsewhere ? other : views, isElsewhere ? views : other, rank, shift);
            isElsewhere = !isElsewhere;
        }

        if (isElsewhere)
        {
            other.CopyTo(views);
        }

        ArrayPool<HeadSeriesView>.Shared.Return(rented);
    }

    private static void Distribute(ReadOnlySpan<HeadSeriesView> from, Span<HeadSeriesView> to, int[] rank, int shift)
    {
        Span<int> places = stackalloc int[Digits];
        places.Clear();
        foreach (ref readonly var view in from)
        {
            places[(rank[view.Series] >> shift) & (Digits - 1)]++;
        }

        var next = 0;
        foreach (ref var place in places)
        {
            (place, next) = (next, next + place);
        }

        foreach (ref readonly var view in from)
        {
            to[places[(rank[view.Series] >> shift) & (Digits - 1)]++] = view;
        }
    }
}
