using System.Numerics;
using Flyball.Model.Histograms;
using Flyball.PromQL.Evaluation;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Functions;

/// <summary><c>rate</c>, <c>increase</c>, <c>delta</c>: the change over the window, extrapolated towards its edges.</summary>
/// <remarks>Prometheus documentation, "Querying". Positions of counter resets are found once per series; a window only adds up its own.</remarks>
internal sealed class RateFunction(bool isCounter, bool isRate) : RangeFunction
{
    // Never added to.
    private static readonly List<int> None = [];

    public override void Evaluate(in RangeInput input, SeriesRow output)
    {
        if (input.Call.Edges != EdgeMode.Plain)
        {
            new EdgeRates(isCounter, isRate).Evaluate(input, output);
            return;
        }

        var resets = isCounter ? FindResets(input) : None;
        if (input.Histograms.IsEmpty && input.Starts.IsEmpty)
        {
            FloatChange.Evaluate(input, isCounter, isRate, resets, output.Values);
            return;
        }

        var nextReset = 0;
        for (var step = 0; step < input.Steps; step++)
        {
            var floats = input.CountAt(step);
            var histograms = input.HistogramCountAt(step);
            if (floats > 0 && histograms > 0)
            {
                input.WarnOfMix();
            }
            else if (floats > 0)
            {
                while (nextReset < resets.Count && resets[nextReset] <= input.From[step])
                {
                    nextReset++;
                }

                output.Values[step] = OfFloats(input, step, resets, nextReset);
            }
            else if (histograms > 0 && OfHistograms(input, step) is { } result)
            {
                output.SetHistogram(step, result);
            }
        }
    }

    /// <summary>Indexes of floats before which the counter was reset.</summary>
    private static List<int> FindResets(in RangeInput input)
    {
        var values = input.Values;
        if (input.Starts.IsEmpty && !EverFalls(values))
        {
            return None;
        }

        var resets = new List<int>();
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] < values[i - 1] || CounterStarts.IsReset(input.Starts, input.Times, i))
            {
                resets.Add(i);
            }
        }

        return resets;
    }

    private static bool EverFalls(ReadOnlySpan<double> values)
    {
        var i = 1;
        if (Vector.IsHardwareAccelerated)
        {
            for (; i <= values.Length - Vector<double>.Count; i += Vector<double>.Count)
            {
                if (Vector.LessThanAny(new Vector<double>(values[i..]), new Vector<double>(values[(i - 1)..])))
                {
                    return true;
                }
            }
        }

        for (; i < values.Length; i++)
        {
            if (values[i] < values[i - 1])
            {
                return true;
            }
        }

        return false;
    }

    private double OfFloats(in RangeInput input, int step, List<int> resets, int firstReset)
    {
        var from = input.From[step];
        var last = input.Until[step] - 1;
        var values = input.Values;
        var start = isCounter ? StartInside(input.Starts, input.Times, from, input.StartOf(step)) : 0;
        if (last == from && start == 0)
        {
            return Absent.Value;
        }

        var result = start != 0 ? values[last] : values[last] - values[from];
        for (var i = firstReset; i < resets.Count && resets[i] <= last; i++)
        {
            result += values[resets[i] - 1];
        }

        if (isCounter && CounterStarts.Overlaps(input.Starts, input.Times, from, last + 1))
        {
            WarnOfOverlap(input);
        }

        var factor = Extrapolation(input, step, input.Times[from], input.Times[last], last - from, start, result, values[from]);
        return Absent.Present(result * factor);
    }

    private static void WarnOfOverlap(in RangeInput input) =>
        input.Warn("sample has start time that overlaps with previous sample timestamp for metric " + input.QuotedName);

    /// <summary>The start of the first sample's counter if it lies inside the window before that sample, else 0.</summary>
    private static long StartInside(ReadOnlySpan<long> starts, ReadOnlySpan<long> times, int from, long windowStart) =>
        !starts.IsEmpty && starts[from] > windowStart && starts[from] < times[from] ? starts[from] : 0;

    /// <summary>What the change between the first and the last sample is multiplied by to stand for the whole window.</summary>
    private double Extrapolation(
        in RangeInput input, int step, long first, long last, int gaps, long start, double result, double firstValue)
    {
        var toStart = (first - input.StartOf(step)) / 1000.0;
        var toEnd = (input.EndOf(step) - last) / 1000.0;
        var sampled = (last - (start != 0 ? start : first)) / 1000.0;
        var average = gaps == 0 ? 0 : (last - first) / 1000.0 / gaps;
        var near = average * 1.1;
        if (start != 0)
        {
            toStart = 0;
        }
        else
        {
            toStart = toStart >= near ? average / 2 : toStart;
            if (isCounter && result > 0 && firstValue >= 0)
            {
                // A counter does not fall below zero: where the line would, the series has begun.
                toStart = Math.Min(toStart, sampled * (firstValue / result));
            }
        }

        toEnd = toEnd >= near ? average / 2 : toEnd;
        var factor = (sampled + toStart + toEnd) / sampled;
        return isRate ? factor / input.Call.RangeSeconds : factor;
    }

    private NativeHistogram? OfHistograms(in RangeInput input, int step)
    {
        var from = input.HistogramsFrom[step];
        var last = input.HistogramsUntil[step] - 1;
        var start = isCounter ? StartInside(input.HistogramStarts, input.HistogramTimes, from, input.StartOf(step)) : 0;
        if (last == from && start == 0)
        {
            return null;
        }

        var change = new HistogramChange(isCounter).Of(input, from, last, start != 0);
        if (change is null)
        {
            return null;
        }

        if (isCounter && CounterStarts.Overlaps(input.HistogramStarts, input.HistogramTimes, from, last + 1))
        {
            WarnOfOverlap(input);
        }

        var times = input.HistogramTimes;
        var first = input.Histograms[from].Count;
        var factor = Extrapolation(input, step, times[from], times[last], last - from, start, change.Count, first);
        return HistogramArithmetic.Multiply(change, factor);
    }
}
