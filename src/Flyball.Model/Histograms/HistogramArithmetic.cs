namespace Flyball.Model.Histograms;

/// <summary>Adds, subtracts, scales and compares native histograms; different bucket layouts are brought together first.</summary>
/// <remarks>Every result is a new histogram without empty buckets. Rules: Prometheus documentation, "Native histograms".</remarks>
public static class HistogramArithmetic
{
    /// <summary>The sum or difference of two histograms.</summary>
    /// <returns>Null if one is exponential and the other has custom buckets: these cannot be brought together.</returns>
    public static HistogramSum? TryCombine(NativeHistogram a, NativeHistogram b, bool subtract)
    {
        var sign = subtract ? -1.0 : 1.0;
        return TryCombine(a, b, (x, y) => x + (sign * y));
    }

    /// <summary>Two histograms joined component by component.</summary>
    /// <param name="combine">Applied to count, sum, zero count and every bucket.</param>
    /// <returns>Null if one is exponential and the other has custom buckets.</returns>
    public static HistogramSum? TryCombine(NativeHistogram a, NativeHistogram b, Func<double, double, double> combine)
    {
        if (HistogramBuckets.IsCustom(a) != HistogramBuckets.IsCustom(b))
        {
            return null;
        }

        var left = new Layout(a);
        var right = new Layout(b);
        var reconciled = Layout.Align(left, right);
        var hint = JoinHints(a.ResetHint, b.ResetHint, out var collision);
        var (positiveSpans, positive) = BucketList.Combine(left.Positive, right.Positive, combine).ToSpans();
        var (negativeSpans, negative) = BucketList.Combine(left.Negative, right.Negative, combine).ToSpans();
        var sum = new NativeHistogram
        {
            Schema = left.Schema,
            ZeroThreshold = left.ZeroThreshold,
            ZeroCount = combine(left.ZeroCount, right.ZeroCount),
            Count = combine(a.Count, b.Count),
            Sum = combine(a.Sum, b.Sum),
            PositiveSpans = positiveSpans,
            PositiveBuckets = positive,
            NegativeSpans = negativeSpans,
            NegativeBuckets = negative,
            CustomBounds = left.CustomBounds,
            ResetHint = hint,
        };
        return new HistogramSum(sum, collision, reconciled);
    }

    /// <summary>Every component times a factor; a negative factor makes a gauge.</summary>
    public static NativeHistogram Multiply(NativeHistogram histogram, double factor) =>
        Scale(histogram, x => x * factor, factor < 0, dropBuckets: false);

    /// <summary>Every component divided; division by zero leaves no buckets.</summary>
    public static NativeHistogram Divide(NativeHistogram histogram, double divisor) =>
        Scale(histogram, x => x / divisor, divisor < 0, dropBuckets: divisor == 0);

    /// <summary>The same histogram with another statement about counter resets.</summary>
    public static NativeHistogram WithHint(NativeHistogram histogram, CounterResetHint hint) =>
        histogram.ResetHint == hint ? histogram : Rebuild(histogram, new Layout(histogram), hint);

    /// <summary>The same histogram without empty buckets.</summary>
    public static NativeHistogram Compact(NativeHistogram histogram) =>
        Rebuild(histogram, new Layout(histogram), histogram.ResetHint);

    /// <summary>The histogram in a lower resolution.</summary>
    public static NativeHistogram ToSchema(NativeHistogram histogram, int schema)
    {
        if (schema == histogram.Schema)
        {
            return histogram;
        }

        var layout = new Layout(histogram);
        layout.Reduce(schema);
        return Rebuild(histogram, layout, histogram.ResetHint);
    }

    /// <summary>Whether count, sum and every populated bucket are equal, and the layout too. NaN equals NaN.</summary>
    public static bool AreEqual(NativeHistogram a, NativeHistogram b) =>
        a.Schema == b.Schema && a.ZeroThreshold.Equals(b.ZeroThreshold) && a.ZeroCount.Equals(b.ZeroCount)
        && a.Count.Equals(b.Count) && a.Sum.Equals(b.Sum) && a.CustomBounds.AsSpan().SequenceEqual(b.CustomBounds)
        && SameBuckets(a.PositiveSpans, a.PositiveBuckets, b.PositiveSpans, b.PositiveBuckets)
        && SameBuckets(a.NegativeSpans, a.NegativeBuckets, b.NegativeSpans, b.NegativeBuckets);

    /// <summary>Whether any component has become infinite.</summary>
    public static bool HasOverflow(NativeHistogram histogram) =>
        double.IsInfinity(histogram.ZeroCount) || double.IsInfinity(histogram.Count) || double.IsInfinity(histogram.Sum)
        || Array.Exists(histogram.PositiveBuckets, double.IsInfinity) || Array.Exists(histogram.NegativeBuckets, double.IsInfinity);

    /// <summary>Whether a counter was reset between two histograms.</summary>
    public static bool IsReset(NativeHistogram current, NativeHistogram previous)
    {
        if (current.ResetHint is CounterResetHint.Reset or CounterResetHint.NotReset)
        {
            return current.ResetHint == CounterResetHint.Reset;
        }

        if (current.Count < previous.Count || HistogramBuckets.IsCustom(current) != HistogramBuckets.IsCustom(previous))
        {
            return true;
        }

        var before = new Layout(previous);
        if (HistogramBuckets.IsCustom(current))
        {
            // Other bounds alone are no reset: what can be compared is compared.
            var now = new Layout(current);
            Layout.Align(now, before);
            return Shrinks(now.Positive, before.Positive);
        }
        else
        {
            if (current.Schema > previous.Schema || current.ZeroThreshold < previous.ZeroThreshold)
            {
                return true;
            }

            if (!before.WidenZero(current.ZeroThreshold).Equals(current.ZeroThreshold) || current.ZeroCount < before.ZeroCount)
            {
                return true;
            }

            before.Reduce(current.Schema);
        }

        return Shrinks(new Layout(current).Positive, before.Positive) || Shrinks(new Layout(current).Negative, before.Negative);
    }

    private static bool Shrinks(BucketList current, BucketList previous)
    {
        var j = 0;
        for (var i = 0; i < previous.Count; i++)
        {
            while (j < current.Count && current.IndexAt(j) < previous.IndexAt(i))
            {
                j++;
            }

            var now = j < current.Count && current.IndexAt(j) == previous.IndexAt(i) ? current.CountAt(j) : 0;
            if (now < previous.CountAt(i))
            {
                return true;
            }
        }

        return false;
    }

    private static bool SameBuckets(BucketSpan[] spansA, double[] a, BucketSpan[] spansB, double[] b) =>
        HistogramBuckets.Walk(spansA, a).Where(x => x.Count != 0)
            .SequenceEqual(HistogramBuckets.Walk(spansB, b).Where(x => x.Count != 0));

    private static CounterResetHint JoinHints(CounterResetHint a, CounterResetHint b, out bool collision)
    {
        collision = false;
        if (a == b)
        {
            return a;
        }

        if (a == CounterResetHint.Gauge || b == CounterResetHint.Gauge)
        {
            return CounterResetHint.Gauge;
        }

        collision = a != CounterResetHint.Unknown && b != CounterResetHint.Unknown;
        return CounterResetHint.Unknown;
    }

    private static NativeHistogram Scale(NativeHistogram histogram, Func<double, double> scale, bool negative, bool dropBuckets) => new()
    {
        Schema = histogram.Schema,
        ZeroThreshold = histogram.ZeroThreshold,
        ZeroCount = scale(histogram.ZeroCount),
        Count = scale(histogram.Count),
        Sum = scale(histogram.Sum),
        PositiveSpans = dropBuckets ? [] : histogram.PositiveSpans,
        PositiveBuckets = dropBuckets ? [] : Array.ConvertAll(histogram.PositiveBuckets, x => scale(x)),
        NegativeSpans = dropBuckets ? [] : histogram.NegativeSpans,
        NegativeBuckets = dropBuckets ? [] : Array.ConvertAll(histogram.NegativeBuckets, x => scale(x)),
        CustomBounds = histogram.CustomBounds,
        ResetHint = negative ? CounterResetHint.Gauge : histogram.ResetHint,
    };

    private static NativeHistogram Rebuild(NativeHistogram histogram, Layout layout, CounterResetHint hint)
    {
        var (positiveSpans, positive) = layout.Positive.ToSpans();
        var (negativeSpans, negative) = layout.Negative.ToSpans();
        return new NativeHistogram
        {
            Schema = layout.Schema,
            ZeroThreshold = layout.ZeroThreshold,
            ZeroCount = layout.ZeroCount,
            Count = histogram.Count,
            Sum = histogram.Sum,
            PositiveSpans = positiveSpans,
            PositiveBuckets = positive,
            NegativeSpans = negativeSpans,
            NegativeBuckets = negative,
            CustomBounds = layout.CustomBounds,
            ResetHint = hint,
            HasIntegerCounts = histogram.HasIntegerCounts,
        };
    }

    /// <summary>A histogram's buckets while they are being brought to another layout.</summary>
    private sealed class Layout(NativeHistogram histogram)
    {
        public int Schema { get; private set; } = histogram.Schema;

        public double ZeroThreshold { get; private set; } = histogram.ZeroThreshold;

        public double ZeroCount { get; private set; } = histogram.ZeroCount;

        public double[] CustomBounds { get; private set; } = histogram.CustomBounds;

        public BucketList Positive { get; private set; } = BucketList.Of(histogram.PositiveSpans, histogram.PositiveBuckets);

        public BucketList Negative { get; private set; } = BucketList.Of(histogram.NegativeSpans, histogram.NegativeBuckets);

        /// <summary>Brings two layouts together.</summary>
        /// <returns>Whether custom bounds differed.</returns>
        public static bool Align(Layout a, Layout b)
        {
            if (a.Schema == NativeHistogram.CustomBucketsSchema)
            {
                if (a.CustomBounds.AsSpan().SequenceEqual(b.CustomBounds))
                {
                    return false;
                }

                var common = a.CustomBounds.Intersect(b.CustomBounds).ToArray();
                a.Rebound(common);
                b.Rebound(common);
                return true;
            }

            while (!a.ZeroThreshold.Equals(b.ZeroThreshold))
            {
                var (narrow, wide) = a.ZeroThreshold < b.ZeroThreshold ? (a, b) : (b, a);
                narrow.WidenZero(wide.ZeroThreshold);
            }

            var schema = Math.Min(a.Schema, b.Schema);
            a.Reduce(schema);
            b.Reduce(schema);
            return false;
        }

        /// <summary>Merges neighbouring buckets until the resolution is reached.</summary>
        public void Reduce(int schema)
        {
            var shift = Schema - schema;
            if (shift <= 0)
            {
                return;
            }

            Positive = Positive.Map(i => ((i - 1) >> shift) + 1);
            Negative = Negative.Map(i => ((i - 1) >> shift) + 1);
            Schema = schema;
        }

        /// <summary>Merges custom buckets into fewer bounds.</summary>
        public void Rebound(double[] bounds)
        {
            var old = CustomBounds;
            Positive = Positive.Map(i => i >= old.Length ? bounds.Length : LowerIndex(bounds, old[i]));
            CustomBounds = bounds;
        }

        /// <summary>Widens the zero bucket; if the new edge falls into a populated bucket, up to that bucket's end.</summary>
        /// <returns>The threshold it has now.</returns>
        public double WidenZero(double threshold)
        {
            if (threshold <= ZeroThreshold)
            {
                return ZeroThreshold;
            }

            while (EdgeOf(Positive, threshold) is var edge && Math.Max(edge, EdgeOf(Negative, threshold)) is var wider && wider > threshold)
            {
                threshold = wider;
            }

            var schema = Schema;
            var reach = threshold;
            ZeroCount += Positive.Remove(i => BucketBounds.Exponential(schema, i - 1) < reach);
            ZeroCount += Negative.Remove(i => BucketBounds.Exponential(schema, i - 1) < reach);
            ZeroThreshold = threshold;
            return threshold;
        }

        private double EdgeOf(BucketList buckets, double threshold)
        {
            for (var i = 0; i < buckets.Count; i++)
            {
                var upper = BucketBounds.Exponential(Schema, buckets.IndexAt(i));
                var lower = BucketBounds.Exponential(Schema, buckets.IndexAt(i) - 1);
                if (lower < threshold && upper > threshold && buckets.CountAt(i) != 0)
                {
                    return upper;
                }
            }

            return threshold;
        }

        private static int LowerIndex(double[] bounds, double value)
        {
            var index = Array.BinarySearch(bounds, value);
            return index < 0 ? ~index : index;
        }
    }
}

/// <summary>The outcome of joining two histograms.</summary>
/// <param name="Value">The result.</param>
/// <param name="HintsCollide">One said "reset", the other "not reset".</param>
/// <param name="BoundsReconciled">Their custom bounds differed and were cut down to the common ones.</param>
public sealed record HistogramSum(NativeHistogram Value, bool HintsCollide, bool BoundsReconciled);
