using System.Globalization;
using System.Text;

namespace Flyball.Ingest.Exposition;

/// <summary>Floats as the text formats write them, which is as Go's <c>strconv</c> reads and prints them.</summary>
internal static class ExposedFloat
{
    // Powers of ten that a double holds exactly, and mantissas that do: then one multiplication or division rounds right.
    private static readonly double[] ExactPowers =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];

    /// <summary>Reads a value: decimal, exponent, inf, infinity, nan in any case, with sign.</summary>
    /// <param name="problem">What Go says about text that is none, or null.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value, out string? problem)
    {
        problem = null;
        if (TryParseShort(text, out value))
        {
            return true;
        }

        return TryParseAny(text, out value, out problem);
    }

    /// <summary>The shortest text that reads back as the value: Go's format 'g' with precision -1.</summary>
    public static string Format(double value)
    {
        if (double.IsNaN(value))
        {
            return "NaN";
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? "+Inf" : "-Inf";
        }

        var (digits, exponent) = Shortest(Math.Abs(value));
        var text = exponent is < -4 or >= 6 ? Scientific(digits, exponent) : Plain(digits, exponent);
        return double.IsNegative(value) ? "-" + text : text;
    }

    /// <summary>As <see cref="Format"/>, but whole numbers keep a ".0": how OpenMetrics writes <c>le</c> and <c>quantile</c>.</summary>
    public static string FormatOpenMetrics(double value)
    {
        var text = Format(value);
        return double.IsFinite(value) && !text.AsSpan().ContainsAny('e', '.') ? text + ".0" : text;
    }

    // Nearly every value of a real body: up to 15 digits with at most one point.
    private static bool TryParseShort(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        var negative = !text.IsEmpty && text[0] == '-';
        var rest = negative ? text[1..] : text;
        if (rest.Length is 0 or > 16)
        {
            return false;
        }

        ulong mantissa = 0;
        int digits = 0, decimals = -1;
        foreach (var c in rest)
        {
            var digit = (uint)(c - '0');
            if (digit <= 9)
            {
                mantissa = (mantissa * 10) + digit;
                digits++;
                decimals += decimals >= 0 ? 1 : 0;
            }
            else if (c == '.' && decimals < 0)
            {
                decimals = 0;
            }
            else
            {
                return false;
            }
        }

        if (digits is 0 or > 15)
        {
            return false;
        }

        value = decimals > 0 ? mantissa / ExactPowers[decimals] : mantissa;
        value = negative ? -value : value;
        return true;
    }

    private static bool TryParseAny(ReadOnlySpan<byte> text, out double value, out string? problem)
    {
        problem = null;
        if (text.IndexOfAny("pP_"u8) >= 0)
        {
            value = 0;
            problem = "unsupported character in float";
            return false;
        }

        if (TryParseWord(text, out value))
        {
            return true;
        }

        if (IsDecimal(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            if (!double.IsInfinity(value))
            {
                return true;
            }

            problem = $"strconv.ParseFloat: parsing {GoText.Quote(text)}: value out of range";
            return false;
        }

        problem = $"strconv.ParseFloat: parsing {GoText.Quote(text)}: invalid syntax";
        return false;
    }

    private static bool TryParseWord(ReadOnlySpan<byte> text, out double value)
    {
        value = double.NaN;
        if (text.IsEmpty)
        {
            return false;
        }

        if (Ascii.EqualsIgnoreCase(text, "nan"u8))
        {
            value = Model.Samples.StaleMarker.NormalNaN;
            return true;
        }

        var signed = text[0] is (byte)'+' or (byte)'-';
        var word = signed ? text[1..] : text;
        if (!Ascii.EqualsIgnoreCase(word, "inf"u8) && !Ascii.EqualsIgnoreCase(word, "infinity"u8))
        {
            return false;
        }

        value = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        return true;
    }

    // The framework's parser also takes surrounding spaces and other extras; only digits, one point and one exponent are ours.
    private static bool IsDecimal(ReadOnlySpan<byte> text)
    {
        var at = text.IsEmpty || text[0] is not ((byte)'+' or (byte)'-') ? 0 : 1;
        var whole = SkipDigits(text, ref at);
        var fraction = 0;
        if (at < text.Length && text[at] == '.')
        {
            at++;
            fraction = SkipDigits(text, ref at);
        }

        if (whole + fraction == 0)
        {
            return false;
        }

        if (at < text.Length && text[at] is (byte)'e' or (byte)'E')
        {
            at++;
            at += at < text.Length && text[at] is (byte)'+' or (byte)'-' ? 1 : 0;
            if (SkipDigits(text, ref at) == 0)
            {
                return false;
            }
        }

        return at == text.Length;
    }

    private static int SkipDigits(ReadOnlySpan<byte> text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit((char)text[at]))
        {
            at++;
        }

        return at - start;
    }

    // The significant digits and the decimal exponent of the first: 0.00125 is ("125", -3).
    private static (string Digits, int Exponent) Shortest(double value)
    {
        if (value == 0)
        {
            return ("0", 0);
        }

        var text = value.ToString("R", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        var mantissa = mark < 0 ? text : text[..mark];
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('0').TrimEnd('0');
        return (digits, mark < 0 ? PlainExponent(mantissa) : int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign));
    }

    private static int PlainExponent(string mantissa)
    {
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? mantissa : mantissa[..point];
        if (whole != "0")
        {
            return whole.Length - 1;
        }

        var fraction = mantissa[(point + 1)..];
        return -(fraction.Length - fraction.TrimStart('0').Length) - 1;
    }

    private static string Scientific(string digits, int exponent)
    {
        var text = new StringBuilder().Append(digits[0]);
        if (digits.Length > 1)
        {
            text.Append('.').Append(digits, 1, digits.Length - 1);
        }

        text.Append('e').Append(exponent < 0 ? '-' : '+');
        return text.Append(Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)).ToString();
    }

    private static string Plain(string digits, int exponent)
    {
        if (exponent < 0)
        {
            return "0." + new string('0', -exponent - 1) + digits;
        }

        return digits.Length <= exponent + 1
            ? digits.PadRight(exponent + 1, '0')
            : digits[..(exponent + 1)] + "." + digits[(exponent + 1)..];
    }
}
