using Flyball.Model.Histograms;

namespace Flyball.PromQL.Functions;

/// <summary>The change of a histogram over the samples of a window, resets added back.</summary>
internal sealed class HistogramChange(bool isCounter)
{
    /// <summary>Last minus first, or, from a known start, last alone.</summary>
    /// <returns>A gauge histogram; null (with a warning) if kinds of buckets are mixed.</returns>
    public NativeHistogram? Of(in RangeInput input, int from, int last, bool fromZero)
    {
        var samples = input.Histograms;
        CheckHints(input, from, last);
        var first = fromZero ? EmptyLike(samples[from]) : samples[from];
        if (isCounter && !fromZero && last > from && IsReset(input, from + 1, samples[from]))
        {
            // The first sample goes in and out again; its layout must not hinder the rest.
            first = EmptyLike(samples[from + 1]);
        }

        var custom = HistogramBuckets.IsCustom(first);
        for (var i = isCounter ? from + 1 : last; i <= last; i++)
        {
            if (HistogramBuckets.IsCustom(samples[i]) != custom)
            {
                input.WarnOfMixedBuckets();
                return null;
            }
        }

        var result = Combine(input, samples[last], first, subtract: true);
        var previous = fromZero ? samples[from] : first;
        for (var i = from + 1; isCounter && result is not null && i <= last; i++)
        {
            if (IsReset(input, i, previous))
            {
                result = Combine(input, result, previous, subtract: false);
            }

            previous = samples[i];
        }

        return result is null ? null : HistogramArithmetic.WithHint(result, CounterResetHint.Gauge);
    }

    /// <summary>Adds or subtracts, telling of custom bounds that had to be reconciled.</summary>
    public static NativeHistogram? Combine(in RangeInput input, NativeHistogram a, NativeHistogram b, bool subtract)
    {
        var sum = HistogramArithmetic.TryCombine(a, b, subtract);
        if (sum is null)
        {
            input.WarnOfMixedBuckets();
            return null;
        }

        if (sum.BoundsReconciled)
        {
            input.Inform("mismatched custom buckets were reconciled during " + (subtract ? "subtraction" : "addition"));
        }

        return sum.Value;
    }

    private static bool IsReset(in RangeInput input, int index, NativeHistogram previous) =>
        CounterStarts.IsReset(input.HistogramStarts, input.HistogramTimes, index)
        || HistogramArithmetic.IsReset(input.Histograms[index], previous);

    private static NativeHistogram EmptyLike(NativeHistogram other) => new()
    {
        Schema = other.Schema,
        CustomBounds = other.CustomBounds,
        Count = 0,
        Sum = 0,
    };

    private void CheckHints(in RangeInput input, int from, int last)
    {
        var samples = input.Histograms;
        if (!isCounter)
        {
            if (samples[from].ResetHint != CounterResetHint.Gauge || samples[last].ResetHint != CounterResetHint.Gauge)
            {
                input.Warn("this native histogram metric is not a gauge: " + input.QuotedName);
            }

            return;
        }

        for (var i = from; i <= last; i++)
        {
            if (samples[i].ResetHint == CounterResetHint.Gauge)
            {
                input.Warn("this native histogram metric is not a counter: " + input.QuotedName);
                return;
            }
        }
    }
}
