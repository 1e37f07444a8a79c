using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Functions;

/// <summary>Quantiles of plain numbers.</summary>
internal static class Quantiles
{
    /// <summary>The warning for a φ outside 0 to 1.</summary>
    public static string OutOfRange(double q) => "quantile value should be between 0 and 1, got " + NumberText.FormatGeneral(q);

    /// <summary>The quantile, interpolated between neighbours. Sorts the values in place; NaN comes first.</summary>
    public static double Of(double q, Span<double> values)
    {
        if (values.IsEmpty || double.IsNaN(q))
        {
            return double.NaN;
        }

        if (q is < 0 or > 1)
        {
            return q < 0 ? double.NegativeInfinity : double.PositiveInfinity;
        }

        values.Sort();
        var rank = q * (values.Length - 1);
        var lower = (int)Math.Max(0, Math.Floor(rank));
        var upper = Math.Min(values.Length - 1, lower + 1);
        var weight = rank - Math.Floor(rank);
        return (values[lower] * (1 - weight)) + (values[upper] * weight);
    }
}
