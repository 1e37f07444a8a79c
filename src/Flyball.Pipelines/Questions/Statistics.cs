namespace Flyball.Pipelines.Questions;

/// <summary>The few numbers tables are made of.</summary>
internal static class Statistics
{
    /// <summary>Makes the median absolute deviation of normally distributed values their standard deviation.</summary>
    public const double NormalSpread = 1.4826;

    // The quantile of the normal distribution for 95 % in the middle.
    private const double Z = 1.959964;

    /// <summary>A quantile by linear interpolation, as PromQL's; null of nothing.</summary>
    /// <param name="values">Gets sorted.</param>
    public static double? Quantile(List<double> values, double q)
    {
        if (values.Count == 0)
        {
            return null;
        }

        values.Sort();
        var rank = q * (values.Count - 1);
        var below = (int)rank;
        var above = Math.Min(below + 1, values.Count - 1);
        return values[below] + ((rank - below) * (values[above] - values[below]));
    }

    /// <summary>The median of sorted values; there has to be one.</summary>
    public static double Median(ReadOnlySpan<double> sorted) =>
        sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;

    /// <summary>The least share that <paramref name="hits"/> of <paramref name="trials"/> make likely: the lower end of Wilson's interval at 95 %.</summary>
    /// <remarks>E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.</remarks>
    public static double WilsonLowerBound(long hits, long trials)
    {
        if (trials == 0)
        {
            return 0;
        }

        var share = (double)hits / trials;
        var centre = share + (Z * Z / (2 * trials));
        var margin = Z * Math.Sqrt(((share * (1 - share)) + (Z * Z / (4 * trials))) / trials);

        // Without a hit both are the same number, but for its last bit.
        return Math.Clamp((centre - margin) / (1 + (Z * Z / trials)), 0, share);
    }
}
