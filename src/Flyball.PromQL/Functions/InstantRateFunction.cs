using Flyball.Model.Histograms;
using Flyball.PromQL.Evaluation;

namespace Flyball.PromQL.Functions;

/// <summary><c>irate</c> and <c>idelta</c>: the change between the last two samples of the window.</summary>
internal sealed class InstantRateFunction(bool isRate) : RangeFunction
{
    public override void Evaluate(in RangeInput input, SeriesRow output)
    {
        for (var step = 0; step < input.Steps; step++)
        {
            var floats = input.CountAt(step);
            var histograms = input.HistogramCountAt(step);
            if (floats + histograms < 2)
            {
                continue;
            }

            if (histograms == 0)
            {
                output.Values[step] = OfFloats(input, input.Until[step] - 1);
            }
            else if (AreLastTwoHistograms(input, step, floats, histograms) is not { } both)
            {
                input.WarnOfMix();
            }
            else if (both)
            {
                SetHistogram(input, output, step);
            }
            else
            {
                output.Values[step] = OfFloats(input, input.Until[step] - 1);
            }
        }
    }

    /// <summary>True: both are histograms; false: both are floats; null: one of each.</summary>
    private static bool? AreLastTwoHistograms(in RangeInput input, int step, int floats, int histograms)
    {
        var lastFloat = floats > 0 ? input.Times[input.Until[step] - 1] : long.MinValue;
        var lastHistogram = input.HistogramTimes[input.HistogramsUntil[step] - 1];
        if (lastHistogram > lastFloat)
        {
            var before = histograms > 1 ? input.HistogramTimes[input.HistogramsUntil[step] - 2] : long.MinValue;
            return before > lastFloat ? true : null;
        }

        var earlier = floats > 1 ? input.Times[input.Until[step] - 2] : long.MinValue;
        return earlier > lastHistogram ? false : null;
    }

    private double OfFloats(in RangeInput input, int last)
    {
        var (before, now) = (input.Values[last - 1], input.Values[last]);
        var seconds = (input.Times[last] - input.Times[last - 1]) / 1000.0;
        if (!isRate)
        {
            return Absent.Present(now - before);
        }

        var reset = now < before || CounterStarts.IsReset(input.Starts, input.Times, last);
        return Absent.Present((reset ? now : now - before) / seconds);
    }

    private void SetHistogram(in RangeInput input, SeriesRow output, int step)
    {
        var last = input.HistogramsUntil[step] - 1;
        var (before, now) = (input.Histograms[last - 1], input.Histograms[last]);
        var gauges = (before.ResetHint == CounterResetHint.Gauge ? 1 : 0) + (now.ResetHint == CounterResetHint.Gauge ? 1 : 0);
        if (isRate ? gauges > 0 : gauges < 2)
        {
            input.Warn($"this native histogram metric is not a {(isRate ? "counter" : "gauge")}: {input.QuotedName}");
        }

        var reset = isRate
            && (CounterStarts.IsReset(input.HistogramStarts, input.HistogramTimes, last) || HistogramArithmetic.IsReset(now, before));
        var change = reset ? now : HistogramChange.Combine(input, now, before, subtract: true);
        if (change is null)
        {
            return;
        }

        change = HistogramArithmetic.WithHint(change, CounterResetHint.Gauge);
        var seconds = (input.HistogramTimes[last] - input.HistogramTimes[last - 1]) / 1000.0;
        output.SetHistogram(step, isRate ? HistogramArithmetic.Divide(change, seconds) : change);
    }
}
