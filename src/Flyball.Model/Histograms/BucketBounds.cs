namespace Flyball.Model.Histograms;

/// <summary>Where the buckets of native histograms begin and end. Shared facts C40a.</summary>
public static class BucketBounds
{
    /// <summary>Upper bound of a positive bucket; the lower one is that of the bucket before. Negative buckets mirror it.</summary>
    /// <param name="index">Bucket number: exponential ones may be negative, custom ones count from 0.</param>
    /// <returns>±Infinity beyond the first and last custom bucket.</returns>
    public static double Upper(NativeHistogram histogram, int index)
    {
        if (histogram.Schema == NativeHistogram.CustomBucketsSchema)
        {
            var bounds = histogram.CustomBounds;
            return index < 0 ? double.NegativeInfinity : index < bounds.Length ? bounds[index] : double.PositiveInfinity;
        }

        return Exponential(histogram.Schema, index);
    }

    /// <summary>2^(index · 2^-schema), exact where that is a power of two.</summary>
    /// <param name="schema">-4 … 8.</param>
    public static double Exponential(int schema, int index)
    {
        if (schema <= 0)
        {
            return Scale(1, (long)index << -schema);
        }

        // Split into a whole power of two and a fraction below one, so that rounding happens once, in the fraction.
        var perDoubling = 1 << schema;
        var whole = index >> schema;
        var fraction = index & (perDoubling - 1);
        return Scale(fraction == 0 ? 1 : Math.Pow(2, (double)fraction / perDoubling), whole);
    }

    private static double Scale(double value, long power)
    {
        // The largest finite bound ends the range of doubles: the bucket that holds the largest values ends there, not at infinity.
        if (power > 1023)
        {
            return power == 1024 && value == 1 ? double.MaxValue : double.PositiveInfinity;
        }

        return Math.ScaleB(value, (int)Math.Max(power, -2000));
    }
}
