using Flyball.PromQL.Evaluation;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Functions;

/// <summary>Quantiles of plain numbers.</summary>
internal static class Quantiles
{
    /// <summary>The warning for a φ outside 0 to 1.</summary>
    public static string OutOfRange(double q) => "quantile value should be between 0 and 1, got " + NumberText.FormatGeneral(q);

    /// <summary>Warns of φ outside 0 to 1: of NaN alone where it occurs, else of the extremes.</summary>
    public static void WarnOfRange(double[] q, AnnotationSet annotations, SourceSpan at)
    {
        var (least, most) = (q.Min(), q.Max());
        WarnIf(Array.Exists(q, double.IsNaN), double.NaN);
        WarnIf(least < 0, least);
        WarnIf(!double.IsNaN(least) && most > 1, most);

        void WarnIf(bool condition, double value)
        {
            if (condition)
            {
                annotations.Warn(at, OutOfRange(value));
            }
        }
    }

    /// <summary>The quantile, interpolated between neighbours. Changes the order of the values; NaN counts as least.</summary>
    public static double Of(double q, Span<double> values)
    {
        if (values.IsEmpty || !(q >= 0 && q <= 1))
        {
            return OutOfBounds(q, values.IsEmpty);
        }

        var (lower, upper, weight) = RankOf(q, values.Length);
        var low = Selection.Nth(values, lower);
        // Everything behind is at least as large: the next in order is the least of it.
        var high = upper == lower ? low : Selection.Least(values[upper..]);
        return (low * (1 - weight)) + (high * weight);
    }

    /// <summary>The quantile of values that are in rising order, NaN first.</summary>
    public static double OfSorted(double q, ReadOnlySpan<double> values)
    {
        if (values.IsEmpty || !(q >= 0 && q <= 1))
        {
            return OutOfBounds(q, values.IsEmpty);
        }

        var (lower, upper, weight) = RankOf(q, values.Length);
        return (values[lower] * (1 - weight)) + (values[upper] * weight);
    }

    private static double OutOfBounds(double q, bool isEmpty) =>
        isEmpty || double.IsNaN(q) ? double.NaN : q < 0 ? double.NegativeInfinity : double.PositiveInfinity;

    private static (int Lower, int Upper, double Weight) RankOf(double q, int count)
    {
        var rank = q * (count - 1);
        var lower = (int)Math.Max(0, Math.Floor(rank));
        return (lower, Math.Min(count - 1, lower + 1), rank - Math.Floor(rank));
    }
}
