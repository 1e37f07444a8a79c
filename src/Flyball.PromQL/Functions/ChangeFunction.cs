using Flyball.Model.Histograms;
using Flyball.PromQL.Evaluation;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Functions;

/// <summary><c>changes</c> and <c>resets</c>: how often neighbouring samples of the window differ, or fall.</summary>
/// <remarks>Each pair of neighbours is looked at once per series; a window subtracts two running counts.</remarks>
internal sealed class ChangeFunction(bool resets) : RangeFunction
{
    public override void Evaluate(in RangeInput input, SeriesRow output)
    {
        if (input.Histograms.IsEmpty)
        {
            EvaluateFloats(input, output);
            return;
        }

        for (var step = 0; step < input.Steps; step++)
        {
            if (CountMixed(input, step) is { } count)
            {
                output.Values[step] = count;
            }
        }
    }

    private void EvaluateFloats(in RangeInput input, SeriesRow output)
    {
        var values = input.Values;
        var counts = new int[values.Length];
        for (var i = 1; i < values.Length; i++)
        {
            counts[i] = counts[i - 1] + (Counts(input, i) ? 1 : 0);
        }

        for (var step = 0; step < input.Steps; step++)
        {
            var from = First(input, step, input.Times, input.From[step], input.Until[step]);
            if (from >= 0)
            {
                output.Values[step] = counts[input.Until[step] - 1] - counts[from];
            }
        }
    }

    private bool Counts(in RangeInput input, int i)
    {
        var (before, now) = (input.Values[i - 1], input.Values[i]);
        return resets
            ? now < before || CounterStarts.IsReset(input.Starts, input.Times, i)
            : now != before && !(double.IsNaN(now) && double.IsNaN(before));
    }

    /// <summary>The first sample that counts, -1 if the window has none: for anchored ranges the one at or before the left edge.</summary>
    private static int First(in RangeInput input, int step, ReadOnlySpan<long> times, int from, int until)
    {
        if (until <= from)
        {
            return -1;
        }

        if (input.Call.Edges != EdgeMode.Anchored)
        {
            return from;
        }

        var start = input.StartOf(step);
        return times[until - 1] <= start ? -1 : Math.Max(from, WindowBounds.FirstAtOrAfter(times, from, until - 1, start + 1) - 1);
    }

    private int? CountMixed(in RangeInput input, int step)
    {
        var (i, h) = (input.From[step], input.HistogramsFrom[step]);
        var (floatsEnd, histogramsEnd) = (input.Until[step], input.HistogramsUntil[step]);
        if (input.Call.Edges == EdgeMode.Anchored)
        {
            (i, h) = Anchor(input, step);
        }

        if (i < 0 || (i == floatsEnd && h == histogramsEnd))
        {
            return null;
        }

        var count = 0;
        var previous = (Seen: false, IsHistogram: false, Index: 0);
        while (i < floatsEnd || h < histogramsEnd)
        {
            var takeFloat = h >= histogramsEnd || (i < floatsEnd && input.Times[i] < input.HistogramTimes[h]);
            if (previous.Seen && (previous.IsHistogram == takeFloat || PairCounts(input, takeFloat, takeFloat ? i : h, previous.Index)))
            {
                count++;
            }

            previous = (true, !takeFloat, takeFloat ? i++ : h++);
        }

        return count;
    }

    /// <summary>The first float and histogram that count: of those at or before the left edge only the newest. -1 if nothing
    /// is inside the window.</summary>
    private static (int Float, int Histogram) Anchor(in RangeInput input, int step)
    {
        var start = input.StartOf(step);
        var (from, until) = (input.From[step], input.Until[step]);
        var (hFrom, hUntil) = (input.HistogramsFrom[step], input.HistogramsUntil[step]);
        var i = WindowBounds.FirstAtOrAfter(input.Times, from, until, start + 1);
        var h = WindowBounds.FirstAtOrAfter(input.HistogramTimes, hFrom, hUntil, start + 1);
        if (i == until && h == hUntil)
        {
            return (-1, -1);
        }

        var floatBefore = i > from ? input.Times[i - 1] : long.MinValue;
        var histogramBefore = h > hFrom ? input.HistogramTimes[h - 1] : long.MinValue;
        if (floatBefore == histogramBefore)
        {
            return (i, h);
        }

        return floatBefore > histogramBefore ? (i - 1, h) : (i, h - 1);
    }

    private bool PairCounts(in RangeInput input, bool isFloat, int index, int before)
    {
        if (isFloat)
        {
            return Counts(input, index);
        }

        var (previous, now) = (input.Histograms[before], input.Histograms[index]);
        return resets
            ? HistogramArithmetic.IsReset(now, previous) || CounterStarts.IsReset(input.HistogramStarts, input.HistogramTimes, index)
            : !HistogramArithmetic.AreEqual(now, previous);
    }
}
