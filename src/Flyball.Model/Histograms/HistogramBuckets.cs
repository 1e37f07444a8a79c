namespace Flyball.Model.Histograms;

/// <summary>One bucket with its bounds.</summary>
/// <param name="Lower">Lower bound.</param>
/// <param name="Upper">Upper bound.</param>
/// <param name="LowerInclusive">Whether the lower bound belongs to it.</param>
/// <param name="UpperInclusive">Whether the upper bound belongs to it.</param>
/// <param name="Count">Observations in it.</param>
public readonly record struct HistogramBucket(
    double Lower, double Upper, bool LowerInclusive, bool UpperInclusive, double Count)
{
    /// <summary>As Prometheus prints it: <c>(1,2]:3</c>.</summary>
    public override string ToString() =>
        $"{(LowerInclusive ? '[' : '(')}{HistogramText.Number(Lower)},{HistogramText.Number(Upper)}{(UpperInclusive ? ']' : ')')}:{HistogramText.Number(Count)}";
}

/// <summary>Bounds and walks of a native histogram's buckets. Prometheus documentation, "Native histograms".</summary>
public static class HistogramBuckets
{
    /// <summary>Walks positive (or negative, mirrored) buckets in the order of their spans.</summary>
    /// <returns>Index of the bucket and observations in it; empty buckets included.</returns>
    public static IEnumerable<(int Index, double Count)> Walk(BucketSpan[] spans, double[] buckets)
    {
        var at = 0;
        var index = 0;
        foreach (var span in spans)
        {
            index += span.Offset;
            for (var i = 0; i < span.Length && at < buckets.Length; i++)
            {
                yield return (index++, buckets[at++]);
            }
        }
    }

    /// <summary>All buckets from the lowest to the highest, the zero bucket between them if it has observations.</summary>
    public static List<HistogramBucket> All(NativeHistogram histogram)
    {
        var all = new List<HistogramBucket>(histogram.PositiveBuckets.Length + histogram.NegativeBuckets.Length + 1);
        foreach (var (index, count) in Walk(histogram.NegativeSpans, histogram.NegativeBuckets))
        {
            var bucket = Positive(histogram, index, count);
            all.Add(new HistogramBucket(-bucket.Upper, Math.Min(-bucket.Lower, -histogram.ZeroThreshold), true, false, count));
        }

        all.Reverse();
        if (histogram.ZeroCount != 0)
        {
            all.Add(Zero(histogram));
        }

        foreach (var (index, count) in Walk(histogram.PositiveSpans, histogram.PositiveBuckets))
        {
            var bucket = Positive(histogram, index, count);
            var lower = IsCustom(histogram) ? bucket.Lower : Math.Max(bucket.Lower, histogram.ZeroThreshold);
            all.Add(bucket with { Lower = lower });
        }

        return all;
    }

    /// <summary>The zero bucket.</summary>
    public static HistogramBucket Zero(NativeHistogram histogram) =>
        new(-histogram.ZeroThreshold, histogram.ZeroThreshold, true, true, histogram.ZeroCount);

    /// <summary>The positive bucket of an index with its bounds; for custom buckets any of them.</summary>
    public static HistogramBucket Positive(NativeHistogram histogram, int index, double count)
    {
        if (IsCustom(histogram))
        {
            var bounds = histogram.CustomBounds;
            var lower = index <= 0 ? double.NegativeInfinity : bounds[Math.Min(index, bounds.Length) - 1];
            var upper = index >= bounds.Length ? double.PositiveInfinity : bounds[Math.Max(index, 0)];
            return new HistogramBucket(lower, upper, index <= 0, true, count);
        }

        return new HistogramBucket(
            BucketBounds.Exponential(histogram.Schema, index - 1), BucketBounds.Exponential(histogram.Schema, index), false, true, count);
    }

    /// <summary>Whether the histogram has custom bounds instead of exponential ones.</summary>
    public static bool IsCustom(NativeHistogram histogram) => histogram.Schema == NativeHistogram.CustomBucketsSchema;
}
