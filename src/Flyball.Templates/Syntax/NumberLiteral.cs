using System.Globalization;
using Flyball.Templates.Values;

namespace Flyball.Templates.Syntax;

/// <summary>Number literals by Go's rules: prefixes 0x, 0o, 0b, underscores, and the type an untyped constant takes.</summary>
internal static class NumberLiteral
{
    /// <summary>Reads a literal.</summary>
    /// <returns>A <see cref="long"/> or a <see cref="double"/>; null when the text is no number.</returns>
    public static object? Parse(string text)
    {
        var negative = text.StartsWith('-');
        var digits = text.TrimStart('+', '-').Replace("_", "", StringComparison.Ordinal);
        if (TryInteger(digits, out var size))
        {
            return size > (ulong)long.MaxValue + (negative ? 1UL : 0) ? null : negative ? (long)(0 - size) : (long)size;
        }

        return GoNumbers.TryParseFloat(digits, out var value) && char.IsAsciiDigit(digits.TrimStart('.')[..1].FirstOrDefault('x'))
            ? negative ? -value : value
            : null;
    }

    private static bool TryInteger(string digits, out ulong value)
    {
        value = 0;
        if (digits.Length > 2 && digits[0] == '0')
        {
            switch (char.ToLowerInvariant(digits[1]))
            {
                case 'x':
                    return ulong.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
                case 'b':
                    return ulong.TryParse(digits.AsSpan(2), NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out value);
                case 'o':
                    return TryOctal(digits.AsSpan(2), out value);
            }
        }

        return digits.Length > 1 && digits[0] == '0'
            ? TryOctal(digits.AsSpan(1), out value)
            : ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryOctal(ReadOnlySpan<char> digits, out ulong value)
    {
        value = 0;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7' || value > ulong.MaxValue >> 3)
            {
                return false;
            }

            value = (value << 3) | (uint)(digit - '0');
        }

        return true;
    }
}
