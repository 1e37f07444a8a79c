using Flyball.Model.Labels;

namespace Flyball.Metrics.Head;

/// <summary>The series of a head in label order, kept up as series come, so that large selections need not sort labels.</summary>
/// <remarks>
/// Ordering series by a rank that is known takes milliseconds. The rank is brought up to date only when a large selection
/// asks, see <see cref="LabelSort"/>. Thread-safe.
/// </remarks>
internal sealed class LabelOrder(SeriesTable table)
{
    private const int SmallSelection = 256;

    private readonly Lock _gate = new();
    private int[] _ordered = [];
    private int[] _rank = [];

    /// <summary>Puts captured series into label order.</summary>
    public void Sort(Span<HeadSeriesView> views)
    {
        if (views.Length <= SmallSelection && !IsRanked(views))
        {
            views.Sort((a, b) => Compare(a.Series, b.Series));
            return;
        }

        RankSort.Sort(views, RankUpTo(NewestOf(views) + 1));
    }

    private bool IsRanked(ReadOnlySpan<HeadSeriesView> views) => Volatile.Read(ref _rank).Length > NewestOf(views);

    private static int NewestOf(ReadOnlySpan<HeadSeriesView> views)
    {
        var newest = 0;
        foreach (ref readonly var view in views)
        {
            newest = Math.Max(newest, view.Series);
        }

        return newest;
    }

    private int Compare(int a, int b) => LabelSet.Compare(table.Labels(a), table.Labels(b));

    private int[] RankUpTo(int count)
    {
        lock (_gate)
        {
            if (_ordered.Length >= count)
            {
                return _rank;
            }

            var added = new int[count - _ordered.Length];
            for (var i = 0; i < added.Length; i++)
            {
                added[i] = _ordered.Length + i;
            }

            LabelSort.Sort(added, series => table.Labels(series));
            _ordered = Merge(_ordered, added);
            var rank = new int[count];
            for (var i = 0; i < count; i++)
            {
                rank[_ordered[i]] = i;
            }

            return _rank = rank;
        }
    }

    private int[] Merge(int[] old, int[] added)
    {
        var merged = new int[old.Length + added.Length];
        int i = 0, j = 0;
        for (var at = 0; at < merged.Length; at++)
        {
            merged[at] = j == added.Length || (i < old.Length && Compare(old[i], added[j]) < 0) ? old[i++] : added[j++];
        }

        return merged;
    }
}
