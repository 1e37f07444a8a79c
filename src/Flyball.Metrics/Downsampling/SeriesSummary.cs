using Flyball.Model.Histograms;
using Flyball.Model.Samples;

namespace Flyball.Metrics.Downsampling;

/// <summary>Summarises the samples of one series, stretch by stretch.</summary>
/// <remarks>
/// A stretch is open to the left, as PromQL's windows are: (k·resolution, (k+1)·resolution]. A summary bears the time of the last
/// sample it stands for. Where a stretch holds a native histogram, all its samples are kept: sums and extremes of histograms
/// are no single number.
/// </remarks>
internal static class SeriesSummary
{
    /// <summary>Appends the summaries of one kind.</summary>
    public static void Add(SampleColumns samples, SummaryKind kind, long resolutionMs, SampleColumns to)
    {
        var times = samples.TimestampsMs;
        for (var from = 0; from < times.Length;)
        {
            var end = StretchEnd(times[from], resolutionMs);
            var until = from + 1;
            while (until < times.Length && times[until] <= end)
            {
                until++;
            }

            AddStretch(samples, from, until, kind, to);
            from = until;
        }
    }

    /// <summary>The end of the stretch a time lies in, which belongs to it.</summary>
    public static long StretchEnd(long timeMs, long resolutionMs)
    {
        var before = timeMs - 1;
        var stretch = (before / resolutionMs) - (before % resolutionMs < 0 ? 1 : 0);
        return (stretch + 1) * resolutionMs;
    }

    private static void AddStretch(SampleColumns samples, int from, int until, SummaryKind kind, SampleColumns to)
    {
        if (kind == SummaryKind.Last)
        {
            AddLast(samples, from, until, to);
        }
        else if (kind != SummaryKind.Count && HasHistogram(samples, from, until))
        {
            for (var i = from; i < until; i++)
            {
                Copy(samples, i, to);
            }
        }
        else if (kind == SummaryKind.Counter)
        {
            AddCounter(samples, from, until, to);
        }
        else
        {
            AddNumber(samples, from, until, kind, to);
        }
    }

    private static void AddLast(SampleColumns samples, int from, int until, SampleColumns to)
    {
        var last = LastPresent(samples, from, until);
        if (last >= 0)
        {
            Copy(samples, last, to);
        }

        if (last < until - 1)
        {
            Copy(samples, until - 1, to);
        }
    }

    private static void AddNumber(SampleColumns samples, int from, int until, SummaryKind kind, SampleColumns to)
    {
        var last = LastPresent(samples, from, until);
        if (last < 0)
        {
            return;
        }

        double least = double.NaN, greatest = double.NaN, sum = 0, lost = 0;
        var count = 0;
        for (var i = from; i <= last; i++)
        {
            var value = samples.Values[i];
            if (StaleMarker.Is(value))
            {
                continue;
            }

            // NaN is a value, but any other one counts as less and as greater than it.
            least = value < least || double.IsNaN(least) ? value : least;
            greatest = value > greatest || double.IsNaN(greatest) ? value : greatest;
            count++;
            var next = sum + value;
            lost += double.IsInfinity(next) ? 0 : Math.Abs(sum) >= Math.Abs(value) ? sum - next + value : value - next + sum;
            sum = next;
        }

        to.Add(samples.TimestampsMs[last], kind switch
        {
            SummaryKind.Min => least,
            SummaryKind.Max => greatest,
            SummaryKind.Sum => double.IsInfinity(sum) ? sum : sum + lost,
            _ => count,
        });
    }

    private static void AddCounter(SampleColumns samples, int from, int until, SampleColumns to)
    {
        var last = LastPresent(samples, from, until);
        if (last < 0)
        {
            return;
        }

        // What falls every few samples is no counter: of a gauge the ends say as much as its every turn.
        var values = samples.Values;
        var falls = 0;
        for (var i = from + 1; i <= last; i++)
        {
            falls += values[i] < values[i - 1] ? 1 : 0;
        }

        var keepFalls = falls * 4 <= last - from;
        var kept = -1;
        for (var i = from; i <= last; i++)
        {
            var isEnd = i >= last - 1 || kept < 0;
            var isFall = keepFalls && ((i > from && values[i] < values[i - 1]) || (i < last && values[i + 1] < values[i]));
            if ((isEnd || isFall) && !StaleMarker.Is(values[i]))
            {
                Copy(samples, i, to);
                kept = i;
            }
        }
    }

    private static int LastPresent(SampleColumns samples, int from, int until)
    {
        var last = until - 1;
        while (last >= from && StaleMarker.Is(samples.Values[last]))
        {
            last--;
        }

        return last >= from ? last : -1;
    }

    private static bool HasHistogram(SampleColumns samples, int from, int until)
    {
        for (var i = from; i < until && samples.HasHistograms; i++)
        {
            if (samples.Histograms[i] is not null)
            {
                return true;
            }
        }

        return false;
    }

    private static void Copy(SampleColumns from, int index, SampleColumns to)
    {
        var start = from.StartTimestampsMs.IsEmpty ? 0 : from.StartTimestampsMs[index];
        if (from.HasHistograms && from.Histograms[index] is NativeHistogram histogram)
        {
            to.Add(from.TimestampsMs[index], histogram, start);
        }
        else
        {
            to.Add(from.TimestampsMs[index], from.Values[index], start);
        }
    }
}
