using Flyball.Model.Histograms;

namespace Flyball.PromQL.Functions;

/// <summary>Quantiles, fractions and moments of native histograms. Prometheus documentation, "Querying".</summary>
internal static class NativeQuantile
{
    /// <summary>What NaN observations did to a result.</summary>
    public enum NaNEffect
    {
        None,

        /// <summary>The quantile falls among them.</summary>
        ResultIsNaN,

        /// <summary>They count as larger than everything.</summary>
        SkewedHigher,
    }

    /// <summary>The φ-quantile.</summary>
    public static double Quantile(double q, NativeHistogram histogram, out NaNEffect effect)
    {
        effect = NaNEffect.None;
        if (q is < 0 or > 1)
        {
            return q < 0 ? double.NegativeInfinity : double.PositiveInfinity;
        }

        if (histogram.Count == 0 || double.IsNaN(q))
        {
            return double.NaN;
        }

        // From the nearer end; observations of NaN are in no bucket, so with them only the lower end is firm.
        var forward = double.IsNaN(histogram.Sum) || q < 0.5;
        var rank = (forward ? q : 1 - q) * histogram.Count;
        var (bucket, count) = Find(histogram, rank, forward);
        if (HistogramBuckets.IsCustom(histogram))
        {
            if (double.IsNegativeInfinity(bucket.Lower))
            {
                if (bucket.Upper <= 0)
                {
                    return bucket.Upper;
                }

                bucket = bucket with { Lower = 0 };
            }
            else if (double.IsPositiveInfinity(bucket.Upper))
            {
                return bucket.Lower;
            }
        }
        else
        {
            bucket = OneSidedZero(histogram, bucket);
        }

        count = Math.Min(count, histogram.Count);
        if (count < rank && double.IsNaN(histogram.Sum))
        {
            effect = NaNEffect.ResultIsNaN;
            return double.NaN;
        }

        if (count < rank)
        {
            // Counts below zero, or rounding: the last bucket is the best guess.
            return bucket.Upper;
        }

        effect = HasNaNObservations(histogram) ? NaNEffect.SkewedHigher : NaNEffect.None;
        var fraction = (forward ? rank - (count - bucket.Count) : count - rank) / bucket.Count;
        return Interpolate(bucket, fraction, HistogramBuckets.IsCustom(histogram));
    }

    /// <summary>The fraction of observations between two values.</summary>
    public static double Fraction(double lower, double upper, NativeHistogram histogram)
    {
        if (histogram.Count == 0 || double.IsNaN(lower) || double.IsNaN(upper))
        {
            return double.NaN;
        }

        if (lower >= upper)
        {
            return 0;
        }

        var buckets = HistogramBuckets.All(histogram);
        return (RankOf(upper, histogram, buckets, isLower: false) - RankOf(lower, histogram, buckets, isLower: true)) / histogram.Count;
    }

    /// <summary>Whether observations were NaN: they are counted, and in no bucket. A sum of NaN alone may come from both infinities.</summary>
    public static bool HasNaNObservations(NativeHistogram histogram) =>
        double.IsNaN(histogram.Sum) && HistogramBuckets.All(histogram).Sum(b => b.Count) < histogram.Count;

    /// <summary>The estimated variance of the observations.</summary>
    public static double Variance(NativeHistogram histogram)
    {
        var mean = histogram.Sum / histogram.Count;
        var custom = HistogramBuckets.IsCustom(histogram);
        double variance = 0, error = 0;
        foreach (var bucket in HistogramBuckets.All(histogram))
        {
            if (bucket.Count == 0)
            {
                continue;
            }

            var delta = Typical(bucket, custom) - mean;
            Evaluation.Kahan.Add(bucket.Count * delta * delta, ref variance, ref error);
        }

        return (variance + error) / histogram.Count;
    }

    private static double Typical(HistogramBucket bucket, bool custom)
    {
        if (custom)
        {
            return (bucket.Upper + bucket.Lower) / 2;
        }

        if (bucket.Lower <= 0 && bucket.Upper >= 0)
        {
            return 0;
        }

        var middle = Math.Sqrt(bucket.Upper * bucket.Lower);
        return bucket.Upper < 0 ? -middle : middle;
    }

    private static (HistogramBucket Bucket, double Count) Find(NativeHistogram histogram, double rank, bool forward)
    {
        var buckets = HistogramBuckets.All(histogram);
        if (!forward)
        {
            buckets.Reverse();
        }

        double count = 0;
        HistogramBucket found = default;
        foreach (var bucket in buckets)
        {
            if (bucket.Count == 0)
            {
                continue;
            }

            found = bucket;
            count += bucket.Count;
            if (count >= rank)
            {
                break;
            }
        }

        return (found, count);
    }

    /// <summary>A zero bucket beside which only one sign has observations is taken to reach from zero to that side.</summary>
    private static HistogramBucket OneSidedZero(NativeHistogram histogram, HistogramBucket bucket)
    {
        if (!(bucket.Lower < 0 && bucket.Upper > 0))
        {
            return bucket;
        }

        if (histogram.NegativeBuckets.Length == 0 && histogram.PositiveBuckets.Length > 0)
        {
            return bucket with { Lower = 0 };
        }

        return histogram.PositiveBuckets.Length == 0 && histogram.NegativeBuckets.Length > 0 ? bucket with { Upper = 0 } : bucket;
    }

    private static double Interpolate(HistogramBucket bucket, double fraction, bool linear)
    {
        if (linear || (bucket.Lower <= 0 && bucket.Upper >= 0))
        {
            return bucket.Lower + ((bucket.Upper - bucket.Lower) * fraction);
        }

        var lower = Math.Log2(Math.Abs(bucket.Lower));
        var upper = Math.Log2(Math.Abs(bucket.Upper));
        return bucket.Lower > 0
            ? Math.Pow(2, lower + ((upper - lower) * fraction))
            : -Math.Pow(2, upper + ((lower - upper) * (1 - fraction)));
    }

    private static double RankOf(double value, NativeHistogram histogram, List<HistogramBucket> buckets, bool isLower)
    {
        double rank = 0;
        var custom = HistogramBuckets.IsCustom(histogram);
        foreach (var original in buckets)
        {
            var bucket = original;
            var linear = custom;
            if (!custom && bucket.Lower <= 0 && bucket.Upper >= 0)
            {
                linear = true;
                bucket = OneSidedZero(histogram, bucket);
            }
            else if (custom && double.IsNegativeInfinity(bucket.Lower) && bucket.Upper > 0)
            {
                bucket = bucket with { Lower = 0 };
            }

            if (bucket.Lower >= value)
            {
                return Math.Min(rank, histogram.Count);
            }

            if (bucket.Upper > value)
            {
                if (custom && double.IsInfinity(bucket.Lower))
                {
                    return isLower ? rank + bucket.Count : rank;
                }

                return Math.Min(rank + Part(bucket, value, linear), histogram.Count);
            }

            rank += bucket.Count;
        }

        return Math.Min(rank, histogram.Count);
    }

    private static double Part(HistogramBucket bucket, double value, bool linear)
    {
        if (linear)
        {
            return double.IsInfinity(bucket.Lower) || double.IsInfinity(bucket.Upper)
                ? 0
                : bucket.Count * (value - bucket.Lower) / (bucket.Upper - bucket.Lower);
        }

        var lower = Math.Log2(Math.Abs(bucket.Lower));
        var upper = Math.Log2(Math.Abs(bucket.Upper));
        var at = Math.Log2(Math.Abs(value));
        return bucket.Count * (value > 0 ? (at - lower) / (upper - lower) : 1 - ((at - upper) / (lower - upper)));
    }
}
