using System.Collections;
using System.Globalization;
using System.Text;

namespace Flyball.Templates.Values;

/// <summary>One verb of a Go format applied to one value.</summary>
internal static class GoVerb
{
    public static string Format(char verb, GoFormat.Spec spec, object? value) => verb switch
    {
        'T' => Pad(GoValue.TypeName(value), spec),
        'v' when value is null => Pad("<nil>", spec),
        _ when value is null => $"%!{verb}(<nil>)",
        _ => value switch
        {
            bool b when verb is 't' or 'v' => Pad(b ? "true" : "false", spec),
            long n => Integer(verb, spec, n < 0, n < 0 ? (UInt128)(-(Int128)n) : (UInt128)n, value),
            ulong n => Integer(verb, spec, negative: false, n, value),
            double d => Float(verb, spec, d),
            string s => Text(verb, spec, s, value),
            SafeHtml h => Text(verb, spec, h.Value, value),
            GoDuration d when verb is not ('v' or 's' or 'q') => Format(verb, spec, d.Nanoseconds),
            GoEnum e when verb is not ('v' or 's' or 'q') => Format(verb, spec, e.Number),
            ITemplateObject typed => Text(verb, spec, typed.ToString() ?? "", value),
            IEnumerable when verb == 'v' => Pad(GoValue.Print(value), spec),
            IReadOnlyDictionary<string, string> map => Map(verb, spec, map.Select(p => (p.Key, (object?)p.Value))),
            IReadOnlyDictionary<string, object?> map => Map(verb, spec, map.Select(p => (p.Key, p.Value))),
            IEnumerable list => "[" + string.Join(' ', list.Cast<object?>().Select(item => Format(verb, spec, item))) + "]",
            _ => verb is 'v' or 's' ? Pad(value.ToString() ?? "", spec) : Bad(verb, value),
        },
    };

    private static string Map(char verb, GoFormat.Spec spec, IEnumerable<(string Key, object? Value)> entries) =>
        "map[" + string.Join(' ', entries.OrderBy(e => e.Key, StringComparer.Ordinal)
            .Select(e => Format(verb, spec, e.Key) + ":" + Format(verb, spec, e.Value))) + "]";

    private static string Text(char verb, GoFormat.Spec spec, string text, object value)
    {
        if (spec.Precision >= 0 && verb is 's' or 'v' or 'q')
        {
            text = Truncate(text, spec.Precision);
        }

        return verb switch
        {
            's' or 'v' => Pad(text, spec),
            'q' => Pad(spec.Sharp && !text.Contains('`') ? "`" + text + "`" : GoStrings.Quote(text), spec),
            'x' => Pad(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text)), spec),
            'X' => Pad(Convert.ToHexString(Encoding.UTF8.GetBytes(text)), spec),
            _ => Bad(verb, value),
        };
    }

    private static string Truncate(string text, int runes)
    {
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (runes-- == 0)
            {
                return text[..at];
            }

            at += rune.Utf16SequenceLength;
        }

        return text;
    }

    private static string Integer(char verb, GoFormat.Spec spec, bool negative, UInt128 size, object value)
    {
        string? digits = verb switch
        {
            'd' or 'v' => size.ToString(CultureInfo.InvariantCulture),
            'b' => (spec.Sharp ? "0b" : "") + size.ToString("b", CultureInfo.InvariantCulture),
            'o' => (spec.Sharp ? "0" : "") + Octal(size),
            'O' => "0o" + Octal(size),
            'x' => (spec.Sharp ? "0x" : "") + size.ToString("x", CultureInfo.InvariantCulture),
            'X' => (spec.Sharp ? "0X" : "") + size.ToString("X", CultureInfo.InvariantCulture),
            _ => null,
        };
        if (digits is not null)
        {
            digits = spec.Precision > digits.Length ? digits.PadLeft(spec.Precision, '0') : digits;
            return Signed(digits, negative, spec.Precision >= 0 ? spec with { Zero = false } : spec);
        }

        var rune = !negative && size <= 0x10ffff && Rune.IsValid((int)size) ? new Rune((int)size) : Rune.ReplacementChar;
        return verb switch
        {
            'c' => Pad(rune.ToString(), spec),
            'q' => Pad(GoStrings.QuoteRune(rune), spec),
            'U' => Pad("U+" + size.ToString("X4", CultureInfo.InvariantCulture) + (spec.Sharp ? $" '{rune}'" : ""), spec),
            _ => Bad(verb, value),
        };
    }

    private static string Octal(UInt128 value)
    {
        var digits = "";
        do
        {
            digits = (char)('0' + (int)(value & 7)) + digits;
            value >>= 3;
        }
        while (value != 0);
        return digits;
    }

    private static string Float(char verb, GoFormat.Spec spec, double value)
    {
        var text = verb switch
        {
            'v' => GoNumbers.FormatG(value, spec.Precision, spec.Sharp),
            'g' or 'G' => GoNumbers.FormatG(value, spec.Precision, spec.Sharp),
            'e' or 'E' => GoNumbers.FormatE(value, spec.Precision < 0 ? 6 : spec.Precision),
            'f' or 'F' => GoNumbers.FormatF(value, spec.Precision < 0 ? 6 : spec.Precision),
            _ => null,
        };
        if (text is null)
        {
            return Bad(verb, value);
        }

        text = verb is 'G' or 'E' ? text.ToUpperInvariant() : text;
        var negative = text[0] == '-';
        var isFinite = double.IsFinite(value);
        return Signed(text.TrimStart('-', '+'), negative, isFinite ? spec : spec with { Zero = false, Plus = spec.Plus || text[0] == '+' });
    }

    private static string Signed(string digits, bool negative, GoFormat.Spec spec)
    {
        var sign = negative ? "-" : spec.Plus ? "+" : spec.Space ? " " : "";
        return spec.Zero && spec.Width > 0
            ? sign + digits.PadLeft(spec.Width - sign.Length, '0')
            : Pad(sign + digits, spec with { Zero = false });
    }

    private static string Pad(string text, GoFormat.Spec spec)
    {
        if (spec.Width <= text.Length)
        {
            return text;
        }

        var missing = spec.Width - text.EnumerateRunes().Count();
        if (missing <= 0)
        {
            return text;
        }

        return spec.Minus ? text + new string(' ', missing) : new string(spec.Zero ? '0' : ' ', missing) + text;
    }

    private static string Bad(char verb, object value) => $"%!{verb}({GoValue.TypeName(value)}={GoValue.Print(value)})";
}
