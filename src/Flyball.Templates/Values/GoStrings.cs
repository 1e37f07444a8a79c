using System.Globalization;
using System.Text;

namespace Flyball.Templates.Values;

/// <summary>String literals as Go's strconv quotes and unquotes them.</summary>
internal static class GoStrings
{
    /// <summary>A double-quoted Go string.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            AppendEscaped(quoted, rune, '"');
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A single-quoted Go rune.</summary>
    public static string QuoteRune(Rune rune)
    {
        var quoted = new StringBuilder().Append('\'');
        AppendEscaped(quoted, rune, '\'');
        return quoted.Append('\'').ToString();
    }

    /// <summary>Reads a double-quoted literal, quotes included.</summary>
    public static bool TryUnquote(string literal, out string text)
    {
        text = "";
        if (literal.Length < 2 || literal[0] != '"' || literal[^1] != '"')
        {
            return false;
        }

        var bytes = new List<byte>(literal.Length);
        for (var at = 1; at < literal.Length - 1;)
        {
            if (literal[at] == '"' || !TryReadRune(literal, ref at, literal.Length - 1, '"', bytes))
            {
                return false;
            }
        }

        text = Encoding.UTF8.GetString([.. bytes]);
        return true;
    }

    /// <summary>Reads a single-quoted rune literal, quotes included.</summary>
    public static bool TryUnquoteRune(string literal, out int rune)
    {
        rune = 0;
        var bytes = new List<byte>();
        var at = 1;
        if (literal.Length < 3 || !TryReadRune(literal, ref at, literal.Length - 1, '\'', bytes) || at != literal.Length - 1)
        {
            return false;
        }

        var decoded = Encoding.UTF8.GetString([.. bytes]);
        return Rune.TryGetRuneAt(decoded, 0, out var value) && (rune = value.Value) >= 0;
    }

    // Appends the bytes of one character or escape; \x and octal escapes are bytes, all others are characters.
    private static bool TryReadRune(string literal, ref int at, int end, char quote, List<byte> bytes)
    {
        if (literal[at] != '\\')
        {
            if (literal[at] == '\n' || !Rune.TryGetRuneAt(literal, at, out var plain))
            {
                return false;
            }

            at += plain.Utf16SequenceLength;
            AppendUtf8(bytes, plain);
            return true;
        }

        if (at + 1 >= end)
        {
            return false;
        }

        var c = literal[at + 1];
        at += 2;
        var simple = "abfnrtv\\".IndexOf(c, StringComparison.Ordinal);
        if (simple >= 0)
        {
            bytes.Add((byte)"\a\b\f\n\r\t\v\\"[simple]);
            return true;
        }

        switch (c)
        {
            case '\'' or '"':
                bytes.Add((byte)c);
                return c == quote;
            case 'x':
                return TryDigits(literal, ref at, end, 2, 16, out var hex) && AppendByte(bytes, hex);
            case 'u':
                return TryDigits(literal, ref at, end, 4, 16, out var small) && AppendRune(bytes, small);
            case 'U':
                return TryDigits(literal, ref at, end, 8, 16, out var large) && AppendRune(bytes, large);
            case >= '0' and <= '7':
                at--;
                return TryDigits(literal, ref at, end, 3, 8, out var octal) && octal < 256 && AppendByte(bytes, octal);
            default:
                return false;
        }
    }

    private static bool TryDigits(string literal, ref int at, int end, int count, int radix, out int value)
    {
        value = 0;
        if (at + count > end)
        {
            return false;
        }

        var digits = literal.AsSpan(at, count);
        at += count;
        if (radix == 16)
        {
            return int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        }

        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7')
            {
                return false;
            }

            value = (value * 8) + (digit - '0');
        }

        return true;
    }

    private static bool AppendByte(List<byte> bytes, int value)
    {
        bytes.Add((byte)value);
        return true;
    }

    private static bool AppendRune(List<byte> bytes, int value)
    {
        if (!Rune.IsValid(value))
        {
            return false;
        }

        AppendUtf8(bytes, new Rune(value));
        return true;
    }

    private static void AppendUtf8(List<byte> bytes, Rune rune)
    {
        Span<byte> utf8 = stackalloc byte[4];
        bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
    }

    private static void AppendEscaped(StringBuilder text, Rune rune, char quote)
    {
        var at = "\a\b\f\n\r\t\v\\".IndexOf((char)Math.Min(rune.Value, 0xffff), StringComparison.Ordinal);
        if (rune.Value == quote || at >= 0)
        {
            text.Append('\\').Append(at >= 0 ? "abfnrtv\\"[at] : quote);
        }
        else if (Rune.IsControl(rune))
        {
            text.Append(rune.Value < 0x100 ? "\\x" : "\\u").Append(rune.Value.ToString(rune.Value < 0x100 ? "x2" : "x4", CultureInfo.InvariantCulture));
        }
        else
        {
            text.Append(rune.ToString());
        }
    }
}
