using Flyball.Model.Histograms;
using Flyball.Model.Samples;

namespace Flyball.Metrics.Reading;

/// <summary>Puts samples that were read from overlapping places in order of time, each time once.</summary>
internal static class SampleOrder
{
    /// <summary>Orders everything from an index on; of equal times the one that was read first stays.</summary>
    public static void Restore(SampleColumns samples, int from)
    {
        var times = samples.TimestampsMs[from..].ToArray();
        var values = samples.Values[from..].ToArray();
        var starts = samples.StartTimestampsMs.IsEmpty ? null : samples.StartTimestampsMs[from..].ToArray();
        var histograms = samples.HasHistograms ? samples.Histograms[from..].ToArray() : null;
        var order = new int[times.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        // The index as second key makes the sort stable.
        Array.Sort(order, (a, b) => times[a] != times[b] ? times[a].CompareTo(times[b]) : a.CompareTo(b));
        samples.Truncate(from);
        for (var i = 0; i < order.Length; i++)
        {
            if (i == 0 || times[order[i]] != times[order[i - 1]])
            {
                Add(samples, times[order[i]], values[order[i]], starts?[order[i]] ?? 0, histograms?[order[i]]);
            }
        }
    }

    private static void Add(SampleColumns to, long time, double value, long start, NativeHistogram? histogram)
    {
        if (histogram is null)
        {
            to.Add(time, value, start);
        }
        else
        {
            to.Add(time, histogram, start);
        }
    }
}
