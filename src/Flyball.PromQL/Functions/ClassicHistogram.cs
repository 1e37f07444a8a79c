namespace Flyball.PromQL.Functions;

/// <summary>Quantiles and fractions of classic histograms: cumulative counts per upper bound. Prometheus documentation, "Querying".</summary>
internal static class ClassicHistogram
{
    private const double Tolerance = 1e-12;

    /// <summary>One cumulative bucket.</summary>
    public record struct Bucket(double UpperBound, double Count);

    /// <summary>What had to be done to make counts rise.</summary>
    public readonly record struct Repair(bool Forced, double Lowest, double Highest, double Difference);

    /// <summary>The φ-quantile, linear inside a bucket. Buckets must be sorted by bound; they are changed.</summary>
    public static double Quantile(double q, Span<Bucket> buckets, out Repair repair)
    {
        repair = default;
        if (double.IsNaN(q))
        {
            return double.NaN;
        }

        if (q is < 0 or > 1)
        {
            return q < 0 ? double.NegativeInfinity : double.PositiveInfinity;
        }

        if (!double.IsPositiveInfinity(buckets[^1].UpperBound))
        {
            return double.NaN;
        }

        buckets = Prepare(buckets, out repair);
        if (buckets.Length < 2 || buckets[^1].Count == 0)
        {
            return double.NaN;
        }

        var rank = q * buckets[^1].Count;
        var b = 0;
        while (b < buckets.Length - 1 && !(buckets[b].Count >= rank))
        {
            b++;
        }

        if (b == buckets.Length - 1)
        {
            return buckets[^2].UpperBound;
        }

        if (b == 0 && buckets[0].UpperBound <= 0)
        {
            return buckets[0].UpperBound;
        }

        var start = b > 0 ? buckets[b - 1].UpperBound : 0;
        var below = b > 0 ? buckets[b - 1].Count : 0;
        return start + ((buckets[b].UpperBound - start) * ((rank - below) / (buckets[b].Count - below)));
    }

    /// <summary>The fraction of observations between two values.</summary>
    public static double Fraction(double lower, double upper, Span<Bucket> buckets)
    {
        if (!double.IsPositiveInfinity(buckets[^1].UpperBound))
        {
            return double.NaN;
        }

        buckets = JoinEqualBounds(buckets);
        var total = buckets[^1].Count;
        if (total == 0 || double.IsNaN(lower) || double.IsNaN(upper))
        {
            return double.NaN;
        }

        return lower >= upper ? 0 : (Math.Min(RankOf(upper, buckets, isLower: false), total) - Math.Min(RankOf(lower, buckets, isLower: true), total)) / total;
    }

    private static double RankOf(double value, ReadOnlySpan<Bucket> buckets, bool isLower)
    {
        double rank = 0;
        var start = buckets[0].UpperBound > 0 ? 0.0 : double.NegativeInfinity;
        foreach (var bucket in buckets)
        {
            if (start >= value)
            {
                return rank;
            }

            if (bucket.UpperBound > value)
            {
                if (double.IsInfinity(start))
                {
                    // A bucket without lower end adds nothing to a fraction that begins or ends inside it.
                    return isLower ? bucket.Count : rank;
                }

                var inside = bucket.Count - rank;
                return double.IsInfinity(bucket.UpperBound) ? rank : rank + (inside * (value - start) / (bucket.UpperBound - start));
            }

            rank = bucket.Count;
            start = bucket.UpperBound;
        }

        return rank;
    }

    private static Span<Bucket> JoinEqualBounds(Span<Bucket> buckets)
    {
        var count = 0;
        foreach (var bucket in buckets)
        {
            if (count > 0 && buckets[count - 1].UpperBound.Equals(bucket.UpperBound))
            {
                buckets[count - 1].Count += bucket.Count;
            }
            else
            {
                buckets[count++] = bucket;
            }
        }

        return buckets[..count];
    }

    /// <summary>Joins equal bounds, then removes falls: tiny ones are rounding, others are reported.</summary>
    private static Span<Bucket> Prepare(Span<Bucket> buckets, out Repair repair)
    {
        buckets = JoinEqualBounds(buckets);
        repair = default;
        var previous = buckets[0].Count;
        for (var i = 1; i < buckets.Length; i++)
        {
            var current = buckets[i].Count;
            if (current == previous)
            {
                continue;
            }

            if (AlmostEqual(previous, current))
            {
                buckets[i].Count = previous;
            }
            else if (current < previous)
            {
                var lowest = repair.Forced ? repair.Lowest : buckets[i].UpperBound;
                repair = new Repair(true, lowest, buckets[i].UpperBound, Math.Max(repair.Difference, previous - current));
                buckets[i].Count = previous;
            }
            else
            {
                previous = current;
            }
        }

        return buckets;
    }

    private static bool AlmostEqual(double a, double b)
    {
        const double SmallestNormal = 2.2250738585072014e-308;
        var sum = Math.Abs(a) + Math.Abs(b);
        var difference = Math.Abs(a - b);
        return a == 0 || b == 0 || sum < SmallestNormal
            ? difference < Tolerance * SmallestNormal
            : difference / Math.Min(sum, double.MaxValue) < Tolerance;
    }
}
