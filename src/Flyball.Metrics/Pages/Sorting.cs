namespace Flyball.Metrics.Pages;

/// <summary>Puts late samples in their place.</summary>
internal static class Sorting
{
    /// <summary>Orders samples by time; of equal times the one that came first stays.</summary>
    /// <param name="starts">May be empty.</param>
    /// <returns>How many are left.</returns>
    /// <remarks>Insertion sort: it is stable, and columns come nearly in order.</remarks>
    public static int SortAndDrop<T>(Span<long> times, Span<T> values, Span<long> starts)
    {
        var kept = 0;
        for (var i = 0; i < times.Length; i++)
        {
            var time = times[i];
            var value = values[i];
            var start = starts.IsEmpty ? 0 : starts[i];
            var at = kept;
            while (at > 0 && times[at - 1] > time)
            {
                at--;
            }

            if (at > 0 && times[at - 1] == time)
            {
                continue;
            }

            Shift(times, at, kept);
            Shift(values, at, kept);
            times[at] = time;
            values[at] = value;
            if (!starts.IsEmpty)
            {
                Shift(starts, at, kept);
                starts[at] = start;
            }

            kept++;
        }

        return kept;
    }

    private static void Shift<T>(Span<T> column, int from, int until) => column[from..until].CopyTo(column[(from + 1)..]);
}
