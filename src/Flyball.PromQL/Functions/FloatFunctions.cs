namespace Flyball.PromQL.Functions;

/// <summary>Functions of a single float, by name. Prometheus documentation, "Querying".</summary>
internal static class FloatFunctions
{
    private static readonly Dictionary<string, Func<double, double>> Maths = new()
    {
        ["abs"] = Math.Abs, ["ceil"] = Math.Ceiling, ["floor"] = Math.Floor, ["exp"] = Math.Exp, ["ln"] = Math.Log,
        ["log2"] = Math.Log2, ["log10"] = Math.Log10, ["sqrt"] = Math.Sqrt, ["sin"] = Math.Sin, ["cos"] = Math.Cos,
        ["tan"] = Math.Tan, ["asin"] = Math.Asin, ["acos"] = Math.Acos, ["atan"] = Math.Atan, ["sinh"] = Math.Sinh,
        ["cosh"] = Math.Cosh, ["tanh"] = Math.Tanh, ["asinh"] = Math.Asinh, ["acosh"] = Math.Acosh, ["atanh"] = Math.Atanh,
        ["deg"] = v => v * 180 / Math.PI, ["rad"] = v => v * Math.PI / 180,
        ["sgn"] = v => v < 0 ? -1 : v > 0 ? 1 : v,
    };

    private static readonly Dictionary<string, Func<CivilTime, double>> Dates = new()
    {
        ["days_in_month"] = t => t.DaysInMonth, ["day_of_month"] = t => t.Day, ["day_of_week"] = t => t.DayOfWeek,
        ["day_of_year"] = t => t.DayOfYear, ["hour"] = t => t.Hour, ["minute"] = t => t.Minute, ["month"] = t => t.Month, ["year"] = t => t.Year,
    };

    /// <summary>A mathematical function.</summary>
    public static Func<double, double>? FindMaths(string name) => Maths.GetValueOrDefault(name);

    /// <summary>A part of the UTC date that a float, as Unix seconds, stands for.</summary>
    public static Func<double, double>? FindDate(string name) =>
        Dates.TryGetValue(name, out var part) ? seconds => part(new CivilTime(seconds)) : null;

    /// <summary>Rounds to the nearest multiple, ties up.</summary>
    public static double Round(double value, double nearest)
    {
        // By the inverse: fewer inexact steps for nearest = 0.1 and its like.
        var inverse = 1.0 / nearest;
        return Math.Floor((value * inverse) + 0.5) / inverse;
    }

    public static double Clamp(double value, double min, double max) => GoExtremes.Max(min, GoExtremes.Min(max, value));
}
