using Flyball.Model.Histograms;
using Flyball.PromQL.Evaluation;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Functions;

/// <summary><c>rate</c>, <c>increase</c> and <c>delta</c> of anchored and smoothed ranges: exact at the edges, no extrapolation.</summary>
/// <remarks>Prometheus documentation, "Querying". Windows reach back by the lookback, smoothed ones forward as well. A reset between two
/// neighbouring samples counts unless the left edge, interpolated between the two, has left it behind already.</remarks>
internal sealed class EdgeRates(bool isCounter, bool isRate)
{
    public void Evaluate(in RangeInput input, SeriesRow output)
    {
        for (var step = 0; step < input.Steps; step++)
        {
            var floats = input.CountAt(step);
            var histograms = input.HistogramCountAt(step);
            if (floats > 0 && histograms > 0)
            {
                input.WarnOfMix();
            }
            else if (floats > 0 && TryEdges(input, step, input.Times, input.From[step], input.Until[step]) is { } edges)
            {
                var result = OfFloats(input, edges);
                output.Values[step] = Absent.Present(isRate ? result / input.Call.RangeSeconds : result);
            }
            else if (histograms > 0
                && TryEdges(input, step, input.HistogramTimes, input.HistogramsFrom[step], input.HistogramsUntil[step]) is { } span
                && OfHistograms(input, span) is { } histogram)
            {
                output.SetHistogram(step, isRate ? HistogramArithmetic.Divide(histogram, input.Call.RangeSeconds) : histogram);
            }
        }
    }

    /// <summary>Finds the samples that stand for the edges of a window.</summary>
    private static Edges? TryEdges(in RangeInput input, int step, ReadOnlySpan<long> times, int from, int until)
    {
        var start = input.StartOf(step);
        var end = input.EndOf(step);
        var smoothed = input.Call.Edges == EdgeMode.Smoothed;
        var last = until - 1;
        var first = Math.Max(from, WindowBounds.FirstAtOrAfter(times, from, last, start + 1) - 1);
        if (smoothed)
        {
            last = WindowBounds.FirstAtOrAfter(times, from, last, end);
        }

        if (times[last] <= start || times[first] > end)
        {
            return null;
        }

        return new Edges(first, last, start, end, smoothed && times[first] < start, smoothed && last > first && times[last] > end);
    }

    private double OfFloats(in RangeInput input, Edges edges)
    {
        var times = input.Times;
        var values = input.Values;
        var (first, last) = (edges.First, edges.Last);
        var left = edges.InterpolateLeft
            ? Interpolation.Between(times[first], values[first], times[first + 1], values[first + 1], edges.Start, isCounter)
            : values[first];
        var right = edges.InterpolateRight
            ? Interpolation.Between(times[last - 1], values[last - 1], times[last], values[last], edges.End, isCounter)
            : values[last];
        var result = right - left;
        for (var i = edges.FirstCountedReset; isCounter && i <= last; i++)
        {
            if (values[i] < values[i - 1])
            {
                result += values[i - 1];
            }
        }

        return result;
    }

    private NativeHistogram? OfHistograms(in RangeInput input, Edges edges)
    {
        var samples = input.Histograms;
        var times = input.HistogramTimes;
        var (first, last) = (edges.First, edges.Last);
        Check(input, first, last);
        var left = edges.InterpolateLeft
            ? Interpolation.Between(times[first], samples[first], times[first + 1], samples[first + 1], edges.Start, isCounter)
            : samples[first];
        var right = edges.InterpolateRight
            ? Interpolation.Between(times[last - 1], samples[last - 1], times[last], samples[last], edges.End, isCounter)
            : samples[last];
        if (left is null || right is null)
        {
            input.WarnOfMixedBuckets();
            return null;
        }

        var result = HistogramChange.Combine(input, right, left, subtract: true);
        for (var i = edges.FirstCountedReset; isCounter && result is not null && i <= last; i++)
        {
            if (HistogramArithmetic.IsReset(samples[i], samples[i - 1]))
            {
                result = HistogramChange.Combine(input, result, samples[i - 1], subtract: false);
            }
        }

        return result is null ? null : HistogramArithmetic.WithHint(result, CounterResetHint.Gauge);
    }

    private void Check(in RangeInput input, int first, int last)
    {
        var samples = input.Histograms[first..(last + 1)];
        if (!isCounter)
        {
            if (samples[0].ResetHint != CounterResetHint.Gauge || samples[^1].ResetHint != CounterResetHint.Gauge)
            {
                input.Warn("this native histogram metric is not a gauge: " + input.QuotedName);
            }

            return;
        }

        foreach (var sample in samples)
        {
            if (sample.ResetHint == CounterResetHint.Gauge)
            {
                input.Warn("this native histogram metric is not a counter: " + input.QuotedName);
                return;
            }
        }
    }

    private readonly record struct Edges(
        int First, int Last, long Start, long End, bool InterpolateLeft, bool InterpolateRight)
    {
        public int FirstCountedReset => First + (InterpolateLeft ? 2 : 1);
    }
}
