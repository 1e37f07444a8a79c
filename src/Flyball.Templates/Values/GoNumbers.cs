using System.Buffers;
using System.Globalization;

namespace Flyball.Templates.Values;

/// <summary>Numbers as Go's strconv and fmt write and read them.</summary>
internal static class GoNumbers
{
    private const int ShortestPrecision = 6;
    private const int LeastExponent = -4;

    private static readonly SearchValues<char> FloatCharacters = SearchValues.Create("+-.0123456789eE");

    /// <summary><c>%v</c> of a float64: the shortest digits that come back, with an exponent for large and small values.</summary>
    public static string FormatG(double value) => FormatG(value, precision: -1, alternate: false);

    /// <summary><c>%g</c>; a negative precision asks for the shortest digits that come back.</summary>
    public static string FormatG(double value, int precision, bool alternate)
    {
        if (Special(value) is { } special)
        {
            return special;
        }

        var shortest = precision < 0;
        precision = precision == 0 ? 1 : precision;
        var (negative, digits, point) = shortest ? ShortestDigits(value) : RoundedDigits(value, precision);
        if (!alternate && !shortest)
        {
            digits = digits.TrimEnd('0') is { Length: > 0 } trimmed ? trimmed : "0";
        }

        // Go decides for an exponent as if the precision were 6 when it looks for the shortest digits.
        var limit = shortest ? ShortestPrecision : precision > digits.Length && digits.Length >= point ? digits.Length : precision;
        var exponent = point - 1;
        var text = exponent < LeastExponent || exponent >= limit
            ? Exponential(digits, exponent)
            : Plain(digits, point);
        return negative ? "-" + text : text;
    }

    /// <summary><c>%e</c>; a negative precision asks for the shortest digits that come back.</summary>
    public static string FormatE(double value, int precision)
    {
        if (Special(value) is { } special)
        {
            return special;
        }

        var (negative, digits, point) = precision < 0 ? ShortestDigits(value) : RoundedDigits(value, precision + 1);
        var text = Exponential(digits, value == 0 ? 0 : point - 1);
        return negative ? "-" + text : text;
    }

    /// <summary><c>%f</c>; a negative precision asks for the shortest digits that come back.</summary>
    public static string FormatF(double value, int precision)
    {
        if (Special(value) is { } special)
        {
            return special;
        }

        if (precision >= 0)
        {
            return value.ToString("F" + precision.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        }

        var (negative, digits, point) = ShortestDigits(value);
        var text = Plain(digits, point);
        return negative ? "-" + text : text;
    }

    /// <summary>Reads a float as strconv.ParseFloat does: decimal, exponent, <c>Inf</c>, <c>NaN</c> in any case.</summary>
    public static bool TryParseFloat(string text, out double value)
    {
        switch (text.ToLowerInvariant())
        {
            case "inf" or "+inf" or "infinity" or "+infinity":
                value = double.PositiveInfinity;
                return true;
            case "-inf" or "-infinity":
                value = double.NegativeInfinity;
                return true;
            case "nan":
                value = double.NaN;
                return true;
            default:
                const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
                value = 0;
                return !text.AsSpan().ContainsAnyExcept(FloatCharacters)
                    && double.TryParse(text, Style, CultureInfo.InvariantCulture, out value);
        }
    }

    private static string? Special(double value) =>
        double.IsNaN(value) ? "NaN" : double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : null;

    // Point: where the decimal point stands relative to the first digit (1 = after it).
    private static (bool Negative, string Digits, int Point) ShortestDigits(double value) =>
        Split(value.ToString("R", CultureInfo.InvariantCulture));

    private static (bool Negative, string Digits, int Point) RoundedDigits(double value, int digits)
    {
        var text = value.ToString("E" + (digits - 1).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var negative = text[0] == '-';
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        var mantissa = text[(negative ? 1 : 0)..mark].Replace(".", "", StringComparison.Ordinal);
        return (negative, mantissa, int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign) + 1);
    }

    private static (bool Negative, string Digits, int Point) Split(string text)
    {
        var negative = text[0] == '-';
        var body = text[(negative ? 1 : 0)..];
        var mark = body.IndexOf('E', StringComparison.Ordinal);
        var exponent = mark < 0 ? 0 : int.Parse(body.AsSpan(mark + 1), NumberStyles.AllowLeadingSign);
        var mantissa = mark < 0 ? body : body[..mark];
        var dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        var point = (dot < 0 ? mantissa.Length : dot) + exponent;
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var leading = digits.Length - digits.TrimStart('0').Length;
        digits = digits[leading..].TrimEnd('0');
        return digits.Length == 0 ? (negative, "0", 1) : (negative, digits, point - leading);
    }

    private static string Exponential(string digits, int exponent)
    {
        var sign = exponent < 0 ? '-' : '+';
        var size = Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
        return digits.Length == 1 ? $"{digits}e{sign}{size}" : $"{digits[0]}.{digits[1..]}e{sign}{size}";
    }

    private static string Plain(string digits, int point)
    {
        if (point <= 0)
        {
            return "0." + new string('0', -point) + digits;
        }

        return point >= digits.Length ? digits + new string('0', point - digits.Length) : digits[..point] + "." + digits[point..];
    }
}
