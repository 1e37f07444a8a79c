using System.Globalization;
using System.Text;

namespace Flyball.PromQL.Syntax;

/// <summary>Strings and characters quoted as error messages and printed queries show them, in the manner of Go's %q.</summary>
internal static class GoQuoting
{
    /// <summary>A double-quoted string.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        for (var i = 0; i < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var length) == System.Buffers.OperationStatus.Done)
            {
                AppendEscaped(quoted, rune, '"');
            }
            else
            {
                // A lone surrogate stands for a byte that was no UTF-8.
                quoted.Append(@"\x").Append(((int)text[i] & 0xff).ToString("x2"));
            }

            i += length;
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A single-quoted character.</summary>
    public static string Quote(Rune rune)
    {
        var quoted = new StringBuilder().Append('\'');
        AppendEscaped(quoted, rune, '\'');
        return quoted.Append('\'').ToString();
    }

    /// <summary>A character with its code point: <c>U+0063 'c'</c>.</summary>
    public static string CodePoint(Rune rune) =>
        rune.Value < 0x20 ? $"U+{rune.Value:X4}" : $"U+{rune.Value:X4} '{rune}'";

    private static void AppendEscaped(StringBuilder text, Rune rune, char quote)
    {
        switch (rune.Value)
        {
            case var c when c == quote || c == '\\':
                text.Append('\\').Append((char)c);
                break;
            case '\a':
                text.Append(@"\a");
                break;
            case '\b':
                text.Append(@"\b");
                break;
            case '\f':
                text.Append(@"\f");
                break;
            case '\n':
                text.Append(@"\n");
                break;
            case '\r':
                text.Append(@"\r");
                break;
            case '\t':
                text.Append(@"\t");
                break;
            case '\v':
                text.Append(@"\v");
                break;
            case < 0x20 or 0x7f:
                text.Append(@"\x").Append(rune.Value.ToString("x2"));
                break;
            default:
                AppendPrintable(text, rune);
                break;
        }
    }

    private static void AppendPrintable(StringBuilder text, Rune rune)
    {
        var category = Rune.GetUnicodeCategory(rune);
        var shown = rune.Value == ' ' || category is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
        if (shown)
        {
            text.Append(rune.ToString());
        }
        else
        {
            text.Append(rune.Value > 0xffff ? $"\\U{rune.Value:x8}" : $"\\u{rune.Value:x4}");
        }
    }
}
