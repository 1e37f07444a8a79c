using System.Globalization;
using Flyball.Model.Text;

namespace Flyball.PromQL.Syntax;

/// <summary>Numbers of queries: read as Go reads them, written as Go writes them.</summary>
internal static class NumberText
{
    /// <summary>Reads decimal, octal, hexadecimal, underscored and exponent forms, Inf and NaN.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? TryParse(string text, out double value)
    {
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        if (TryInteger(plain, out value))
        {
            return null;
        }

        switch (plain.ToLowerInvariant())
        {
            case "inf" or "+inf" or "infinity":
                value = double.PositiveInfinity;
                return null;
            case "-inf":
                value = double.NegativeInfinity;
                return null;
            case "nan":
                value = Model.Samples.StaleMarker.NormalNaN;
                return null;
            default:
                break;
        }

        if (!double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            return $"strconv.ParseFloat: parsing {GoQuoting.Quote(text)}: invalid syntax";
        }

        return double.IsInfinity(value) ? $"strconv.ParseFloat: parsing {GoQuoting.Quote(text)}: value out of range" : null;
    }

    /// <summary>Shortest form without exponent, as <c>strconv.FormatFloat(v, 'f', -1, 64)</c>.</summary>
    public static string Format(double value) => GoFloat.ToText(value);

    /// <summary>Go's %g and %v: exponent form from 1e6 on and below 1e-4.</summary>
    public static string FormatGeneral(double value)
    {
        var magnitude = Math.Abs(value);
        if (value == 0 || !double.IsFinite(value) || (magnitude >= 1e-4 && magnitude < 1e6))
        {
            return Format(value);
        }

        var (digits, exponent) = Scientific(magnitude);
        var fraction = digits.Length > 1 ? "." + digits[1..] : "";
        return $"{(value < 0 ? "-" : "")}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    /// <summary>The significant digits, and the power of ten of the first of them.</summary>
    private static (string Digits, int Exponent) Scientific(double magnitude)
    {
        var text = magnitude.ToString("R", CultureInfo.InvariantCulture);
        var e = text.IndexOf('E', StringComparison.Ordinal);
        var (mantissa, shift) = e < 0 ? (text, 0) : (text[..e], int.Parse(text.AsSpan(e + 1), provider: CultureInfo.InvariantCulture));
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var significant = digits.TrimStart('0');
        var exponent = (point < 0 ? mantissa.Length : point) - 1 - (digits.Length - significant.Length) + shift;
        return (significant.TrimEnd('0'), exponent);
    }

    private static bool TryInteger(string text, out double value)
    {
        value = 0;
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            var ok = ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, null, out var hex);
            value = hex;
            return ok;
        }

        if (text.Length > 1 && text[0] == '0' && text.AsSpan().IndexOfAnyExceptInRange('0', '7') < 0 && text.Length < 22)
        {
            foreach (var digit in text)
            {
                value = (value * 8) + (digit - '0');
            }

            return true;
        }

        var isInteger = long.TryParse(text, NumberStyles.None, null, out var integer);
        value = integer;
        return isInteger;
    }
}
