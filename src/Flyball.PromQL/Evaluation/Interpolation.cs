using Flyball.Model.Histograms;

namespace Flyball.PromQL.Evaluation;

/// <summary>Values between two samples, on a straight line.</summary>
internal static class Interpolation
{
    /// <summary>A float between two floats. After a reset a counter is taken to start from zero at the first time.</summary>
    public static double Between(long time1, double value1, long time2, double value2, long at, bool isCounter)
    {
        if (isCounter && value2 < value1)
        {
            value1 = 0;
        }

        return value1 + ((value2 - value1) * (at - time1) / (time2 - time1));
    }

    /// <summary>A histogram between two histograms; null if their kinds of buckets differ.</summary>
    public static NativeHistogram? Between(
        long time1, NativeHistogram value1, long time2, NativeHistogram value2, long at, bool isCounter)
    {
        if (HistogramBuckets.IsCustom(value1) != HistogramBuckets.IsCustom(value2))
        {
            return null;
        }

        var fraction = (double)(at - time1) / (time2 - time1);
        if (isCounter && HistogramArithmetic.IsReset(value2, value1))
        {
            return HistogramArithmetic.Multiply(value2, fraction);
        }

        var difference = HistogramArithmetic.TryCombine(value2, value1, subtract: true)!.Value;
        var sum = HistogramArithmetic.TryCombine(value1, HistogramArithmetic.Multiply(difference, fraction), subtract: false)!.Value;
        return HistogramArithmetic.WithHint(sum, value1.ResetHint);
    }
}
