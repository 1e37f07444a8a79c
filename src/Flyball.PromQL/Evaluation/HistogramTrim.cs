using Flyball.Model.Histograms;

namespace Flyball.PromQL.Evaluation;

/// <summary>Cuts a histogram's observations above (or below) a value off, estimating inside the bucket the value falls into.</summary>
/// <remarks>Prometheus documentation, "Querying". If anything is cut, the sum is estimated anew from what stays: each part's count times a
/// typical value, the geometric middle of exponential parts and the arithmetic one of others.</remarks>
internal static class HistogramTrim
{
    public static NativeHistogram Apply(NativeHistogram histogram, double at, bool keepBelow)
    {
        var cut = new Cut(histogram, at, keepBelow);
        var positive = cut.Buckets(histogram.PositiveSpans, histogram.PositiveBuckets, isPositive: true);
        var negative = cut.Buckets(histogram.NegativeSpans, histogram.NegativeBuckets, isPositive: false);
        var zero = cut.Zero();
        return HistogramArithmetic.Compact(new NativeHistogram
        {
            Schema = histogram.Schema,
            ZeroThreshold = histogram.ZeroThreshold,
            ZeroCount = zero,
            Count = cut.Changed ? cut.Count : histogram.Count,
            Sum = cut.Changed ? cut.Sum : histogram.Sum,
            PositiveSpans = histogram.PositiveSpans,
            PositiveBuckets = positive,
            NegativeSpans = histogram.NegativeSpans,
            NegativeBuckets = negative,
            CustomBounds = histogram.CustomBounds,
            ResetHint = histogram.ResetHint,
        });
    }

    private sealed class Cut(NativeHistogram histogram, double at, bool keepBelow)
    {
        private readonly bool _custom = HistogramBuckets.IsCustom(histogram);

        /// <summary>Whether anything has been cut off.</summary>
        public bool Changed { get; private set; }

        public double Count { get; private set; }

        public double Sum { get; private set; }

        public double[] Buckets(BucketSpan[] spans, double[] buckets, bool isPositive)
        {
            var result = (double[])buckets.Clone();
            var i = 0;
            foreach (var (index, count) in HistogramBuckets.Walk(spans, buckets))
            {
                if (count != 0)
                {
                    var bucket = HistogramBuckets.Positive(histogram, index, count);
                    result[i] = Part(isPositive ? bucket : bucket with { Lower = -bucket.Upper, Upper = -bucket.Lower }, _custom);
                }

                i++;
            }

            return result;
        }

        /// <summary>What stays of the zero bucket, which beside observations of one sign only reaches to that side alone.</summary>
        public double Zero()
        {
            if (histogram.ZeroCount == 0)
            {
                return 0;
            }

            var bucket = HistogramBuckets.Zero(histogram);
            var hasNegative = histogram.NegativeBuckets.Length > 0;
            var hasPositive = histogram.PositiveBuckets.Length > 0;
            return Part(
                bucket with
                {
                    Lower = hasPositive && !hasNegative ? 0 : bucket.Lower,
                    Upper = hasNegative && !hasPositive ? 0 : bucket.Upper,
                },
                linear: true);
        }

        private double Part(HistogramBucket bucket, bool linear)
        {
            if (_custom && double.IsNegativeInfinity(bucket.Lower) && bucket.Upper > 0 && double.IsFinite(bucket.Upper) && (at >= 0 || bucket.Upper <= at))
            {
                // With a positive end the lowest custom bucket is taken to begin at zero.
                bucket = bucket with { Lower = 0 };
            }

            if (keepBelow ? bucket.Upper <= at : bucket.Lower >= at)
            {
                return Keep(bucket.Count, Middle(bucket.Lower, bucket.Upper, linear));
            }

            Changed = true;
            if (keepBelow ? bucket.Lower >= at : bucket.Upper <= at)
            {
                return 0;
            }

            var openEnd = keepBelow ? bucket.Lower : bucket.Upper;
            if (double.IsInfinity(bucket.Lower) || double.IsInfinity(bucket.Upper))
            {
                // Nothing is known inside a bucket without end: all of it is taken to lie at the cut, or beyond it.
                var keepsAll = double.IsInfinity(openEnd) && (keepBelow ? bucket.Upper <= 0 : double.IsFinite(bucket.Lower));
                return keepsAll ? Keep(bucket.Count, at) : 0;
            }

            var below = Below(bucket, linear);
            return keepBelow
                ? Keep(below, Middle(bucket.Lower, at, linear))
                : Keep(bucket.Count - below, Middle(at, bucket.Upper, linear));
        }

        private double Keep(double count, double typical)
        {
            Count += count;
            Sum += count * typical;
            return count;
        }

        private static double Middle(double lower, double upper, bool linear)
        {
            if (double.IsInfinity(lower) || double.IsInfinity(upper))
            {
                return double.IsInfinity(lower) ? upper : lower;
            }

            if (linear)
            {
                return (lower + upper) / 2;
            }

            var middle = Math.Sqrt(lower * upper);
            return upper <= 0 ? -middle : middle;
        }

        /// <summary>How much of a bucket lies at or below the cut.</summary>
        private double Below(HistogramBucket bucket, bool linear)
        {
            if (linear)
            {
                return bucket.Count * ((at - bucket.Lower) / (bucket.Upper - bucket.Lower));
            }

            var lower = Math.Log2(Math.Abs(bucket.Lower));
            var upper = Math.Log2(Math.Abs(bucket.Upper));
            var value = Math.Log2(Math.Abs(at));
            return bucket.Count * (bucket.Lower > 0 ? (value - lower) / (upper - lower) : 1 - ((value - upper) / (lower - upper)));
        }
    }
}
