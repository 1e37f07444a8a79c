namespace Flyball.PromQL.Functions;

/// <summary>Minimum and maximum as Go has them: the outermost infinity wins even against NaN.</summary>
internal static class GoExtremes
{
    public static double Min(double a, double b) =>
        double.IsNegativeInfinity(a) || double.IsNegativeInfinity(b) ? double.NegativeInfinity : Math.Min(a, b);

    public static double Max(double a, double b) =>
        double.IsPositiveInfinity(a) || double.IsPositiveInfinity(b) ? double.PositiveInfinity : Math.Max(a, b);
}
