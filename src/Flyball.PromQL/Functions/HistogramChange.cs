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
        if (isCounter && (IsGauge(samples[from]) || IsGauge(samples[last])))
        {
            WarnOfGauge(input);
        }

        var first = fromZero ? EmptyLike(samples[from]) : samples[from];
        if (isCounter && !fromZero && last > from && IsReset(input, from + 1, samples[from]))
        {
            // The first sample goes in and out again; its layout must not hinder the rest.
            first = EmptyLike(samples[from + 1]);
        }

        if (!HaveOneKindOfBuckets(input, from, last, HistogramBuckets.IsCustom(first)))
        {
            input.WarnOfMixedBuckets();
            return null;
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

        if (!isCounter && result is not null && !(IsGauge(samples[from]) && IsGauge(samples[last])))
        {
            input.Warn("this native histogram metric is not a gauge: " + input.QuotedName);
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

    private static bool IsGauge(NativeHistogram histogram) => histogram.ResetHint == CounterResetHint.Gauge;

    private static void WarnOfGauge(in RangeInput input) =>
        input.Warn("this native histogram metric is not a counter: " + input.QuotedName);

    /// <summary>Whether all buckets that matter are custom, or none; counters that are gauges are told of on the way.</summary>
    private bool HaveOneKindOfBuckets(in RangeInput input, int from, int last, bool custom)
    {
        if (HistogramBuckets.IsCustom(input.Histograms[last]) != custom)
        {
            return false;
        }

        for (var i = from + 1; isCounter && i < last; i++)
        {
            if (IsGauge(input.Histograms[i]))
            {
                WarnOfGauge(input);
            }

            if (HistogramBuckets.IsCustom(input.Histograms[i]) != custom)
            {
                return false;
            }
        }

        return true;
    }
}
