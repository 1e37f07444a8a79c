using Flyball.Model.Histograms;

namespace Flyball.Metrics.Head;

/// <summary>Says what is wrong with a native histogram, for the same reasons as Prometheus, so that nothing unreadable is stored.</summary>
internal static class HistogramCheck
{
    private const int LowestSchema = -4, HighestSchema = 8;

    /// <summary>The first problem, or null.</summary>
    public static string? Problem(NativeHistogram histogram)
    {
        var isCustom = histogram.Schema == NativeHistogram.CustomBucketsSchema;
        if (!isCustom && histogram.Schema is < LowestSchema or > HighestSchema)
        {
            return $"histogram has schema {histogram.Schema}; it must lie between {LowestSchema} and {HighestSchema}, or be {NativeHistogram.CustomBucketsSchema} for custom buckets";
        }

        return (isCustom ? CustomProblem(histogram) : histogram.CustomBounds.Length > 0 ? "histogram with exponential schema must not have custom bounds" : null)
            ?? SideProblem("negative", histogram.NegativeSpans, histogram.NegativeBuckets)
            ?? SideProblem("positive", histogram.PositiveSpans, histogram.PositiveBuckets)
            ?? (histogram.ZeroCount < 0 ? "histogram has a zero bucket whose observation count is negative" : null)
            ?? (histogram.Count < 0 ? "histogram's observation count is negative" : null)
            ?? CountProblem(histogram);
    }

    private static string? CustomProblem(NativeHistogram histogram)
    {
        if (histogram.ZeroCount != 0 || histogram.ZeroThreshold != 0)
        {
            return "histogram with custom buckets must not have a zero bucket";
        }

        if (histogram.NegativeSpans.Length > 0 || histogram.NegativeBuckets.Length > 0)
        {
            return "histogram with custom buckets must not have negative buckets";
        }

        var before = double.NegativeInfinity;
        foreach (var bound in histogram.CustomBounds)
        {
            if (!double.IsFinite(bound) || bound <= before)
            {
                return "histogram custom bounds must be finite and in strictly increasing order";
            }

            before = bound;
        }

        long last = -1;
        foreach (var span in histogram.PositiveSpans)
        {
            last += span.Offset + (long)span.Length;
        }

        // One bucket more than bounds: the last reaches to infinity.
        return last > histogram.CustomBounds.Length ? "histogram custom bounds are too few" : null;
    }

    private static string? SideProblem(string side, BucketSpan[] spans, double[] buckets)
    {
        long needed = 0;
        for (var i = 0; i < spans.Length; i++)
        {
            if (i > 0 && spans[i].Offset < 0)
            {
                return $"{side} side: histogram has a span whose offset is negative";
            }

            needed += spans[i].Length;
        }

        if (needed != buckets.Length)
        {
            return $"{side} side: histogram spans specify {needed} buckets, {buckets.Length} are there";
        }

        foreach (var bucket in buckets)
        {
            if (bucket < 0)
            {
                return $"{side} side: histogram has a bucket whose observation count is negative";
            }
        }

        return null;
    }

    // Of float histograms rounding could make a liar; NaN observations are in the count but in no bucket.
    private static string? CountProblem(NativeHistogram histogram)
    {
        if (!histogram.HasIntegerCounts)
        {
            return null;
        }

        var inBuckets = histogram.ZeroCount;
        foreach (var bucket in histogram.PositiveBuckets)
        {
            inBuckets += bucket;
        }

        foreach (var bucket in histogram.NegativeBuckets)
        {
            inBuckets += bucket;
        }

        return inBuckets > histogram.Count || (inBuckets < histogram.Count && !double.IsNaN(histogram.Sum))
            ? $"histogram's observation count is {histogram.Count}, its buckets hold {inBuckets}"
            : null;
    }
}
