using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Evaluation;

/// <summary>The samples a bare range selector answers with; at the edges of anchored and smoothed ones, the values standing there.</summary>
internal static class RawRange
{
    public static ResultSeries? Read(LabelSet labels, SampleColumns samples, EdgeMode edges, long end, long rangeMs)
    {
        var times = new List<long>();
        var values = new List<double>();
        List<NativeHistogram?>? histograms = null;
        for (var i = 0; i < samples.Count; i++)
        {
            if (StaleMarker.Is(samples.Values[i]))
            {
                continue;
            }

            times.Add(samples.TimestampsMs[i]);
            values.Add(samples.Values[i]);
            if (samples.HasHistograms && samples.Histograms[i] is { } histogram)
            {
                histograms ??= [.. Enumerable.Repeat<NativeHistogram?>(null, times.Count - 1)];
                histograms.Add(histogram);
                values[^1] = double.NaN;
            }
            else
            {
                histograms?.Add(null);
            }
        }

        if (edges != EdgeMode.Plain)
        {
            if (histograms is not null)
            {
                throw new PromQLQueryException(QueryFailure.Execution, "anchored modifier is not supported with histograms");
            }

            Extend(times, values, end - rangeMs, end, edges == EdgeMode.Smoothed);
        }

        return times.Count == 0 ? null : new ResultSeries(labels, [.. times], [.. values], histograms?.ToArray());
    }

    private static void Extend(List<long> times, List<double> values, long start, long end, bool smoothed)
    {
        if (times.Count == 0 || times[^1] <= start || times[0] > end)
        {
            times.Clear();
            values.Clear();
            return;
        }

        var left = ValueAt(times, values, start, smoothed);
        var right = ValueAt(times, values, end, smoothed);
        var newTimes = new List<long> { start };
        var newValues = new List<double> { left };
        for (var i = 0; i < times.Count; i++)
        {
            if (times[i] > start && times[i] < end)
            {
                newTimes.Add(times[i]);
                newValues.Add(values[i]);
            }
        }

        newTimes.Add(end);
        newValues.Add(right);
        times.Clear();
        times.AddRange(newTimes);
        values.Clear();
        values.AddRange(newValues);
    }

    private static double ValueAt(List<long> times, List<double> values, long at, bool smoothed)
    {
        var after = times.FindIndex(t => t >= at);
        if (after < 0)
        {
            return values[^1];
        }

        if (times[after] == at || after == 0)
        {
            return values[after];
        }

        if (!smoothed)
        {
            return values[after - 1];
        }

        return Interpolation.Between(times[after - 1], values[after - 1], times[after], values[after], at, isCounter: false);
    }
}
