namespace Flyball.Model.Histograms;

/// <summary>Where the buckets of native histograms begin and end. Prometheus documentation, "Native histograms".</summary>
public static class BucketBounds
{
    private const int FinestSchema = 8;

    private static readonly double[] Fractions = MakeFractions();

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

        // A whole power of two and a fraction of a doubling.
        var fraction = index & ((1 << schema) - 1);
        return fraction == 0 ? Scale(1, index >> schema) : Scale(Fractions[fraction << (FinestSchema - schema)], (long)(index >> schema) + 1);
    }

    /// <summary>Bounds in [0.5, 1) of the finest schema, which has those of all others among its own.</summary>
    /// <remarks>Made the way Prometheus' table was made: every other bound is that of the schema before, those between are their left
    /// neighbour times the schema's factor. The nearest doubles differ from it in the last bit, and so would what both print.</remarks>
    private static double[] MakeFractions()
    {
        double[] coarser = [0.5];
        for (var schema = 1; schema <= FinestSchema; schema++)
        {
            // The square root of two as Go's Exp2 yields it, one bit below the nearest double.
            var factor = schema == 1 ? 1.414213562373095 : Math.Pow(2, 1.0 / (1 << schema));
            var finer = new double[1 << schema];
            for (var i = 0; i < finer.Length; i++)
            {
                finer[i] = i % 2 == 0 ? coarser[i / 2] : finer[i - 1] * factor;
            }

            coarser = finer;
        }

        return coarser;
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
