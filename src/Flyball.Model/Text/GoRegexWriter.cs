using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Flyball.Model.Text;

/// <summary>Writes parts in the framework's syntax. The framework counts UTF-16 units, RE2 runes: sets beyond the first plane become
/// pairs of surrogates.</summary>
internal static class GoRegexWriter
{
    private const string AnyPair = @"[\uD800-\uDBFF][\uDC00-\uDFFF]";

    public static string Write(RegexNode node)
    {
        var text = new StringBuilder();
        Write(text, node);
        return text.ToString();
    }

    private static void Write(StringBuilder text, RegexNode node)
    {
        switch (node)
        {
            case RegexText literal:
                WriteText(text, literal);
                break;
            case RegexSet set:
                WriteSet(text, set.Runes, repeated: false);
                break;
            case RegexPlace place:
                text.Append(place.Spelling);
                break;
            case RegexGroup group:
                text.Append(group.Name is null ? "(" : $"(?<{group.Name}>");
                Write(text, group.Inner);
                text.Append(')');
                break;
            case RegexRepeat repeat:
                WriteRepeat(text, repeat);
                break;
            case RegexSequence sequence:
                foreach (var part in sequence.Parts)
                {
                    WritePart(text, part);
                }

                break;
            case RegexChoice choice:
                for (var i = 0; i < choice.Branches.Count; i++)
                {
                    text.Append(i == 0 ? "" : "|");
                    Write(text, choice.Branches[i]);
                }

                break;
            default:
                break;
        }
    }

    private static void WritePart(StringBuilder text, RegexNode part)
    {
        var enclose = part is RegexChoice;
        text.Append(enclose ? "(?:" : "");
        Write(text, part);
        text.Append(enclose ? ")" : "");
    }

    private static void WriteText(StringBuilder text, RegexText literal)
    {
        if (!literal.AnyCase)
        {
            text.Append(Regex.Escape(literal.Text));
            return;
        }

        foreach (var rune in literal.Text.EnumerateRunes())
        {
            WriteSet(text, new RuneSet().Add(rune.Value, rune.Value).InAnyCase(), repeated: false);
        }
    }

    private static void WriteRepeat(StringBuilder text, RegexRepeat repeat)
    {
        var endless = repeat is { Min: <= 1, Max: -1, Lazy: false };
        if (repeat.Inner is RegexSet set && endless)
        {
            WriteSet(text, set.Runes, repeated: true);
        }
        else
        {
            text.Append("(?:");
            Write(text, repeat.Inner);
            text.Append(')');
        }

        text.Append(repeat switch
        {
            { Min: 0, Max: -1 } => "*",
            { Min: 1, Max: -1 } => "+",
            { Min: 0, Max: 1 } => "?",
            { Max: -1 } => string.Create(CultureInfo.InvariantCulture, $"{{{repeat.Min},}}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{{{repeat.Min},{repeat.Max}}}"),
        });
        text.Append(repeat.Lazy ? "?" : "");
    }

    // Where any number of the set follows each other, half a pair may be taken: the other half is what follows.
    private static void WriteSet(StringBuilder text, RuneSet runes, bool repeated)
    {
        var low = new StringBuilder();
        var pairs = new List<string>();
        var all = false;
        foreach (var (first, last) in runes.Ranges)
        {
            AppendRange(low, first, Math.Min(last, 0xD7FF));
            AppendRange(low, Math.Max(first, 0xE000), Math.Min(last, 0xFFFF));
            if (first <= 0x10000 && last == RuneSet.MaxRune)
            {
                all = true;
                pairs.Add(AnyPair);
            }
            else if (last >= 0x10000)
            {
                AddPairs(pairs, Math.Max(first, 0x10000), last);
            }
        }

        if (all && repeated)
        {
            text.Append('[').Append(low).Append(@"\uD800-\uDFFF]");
        }
        else if (pairs.Count == 0)
        {
            text.Append(low.Length == 0 ? @"[^\s\S]" : $"[{low}]");
        }
        else
        {
            text.Append("(?:").Append(low.Length == 0 ? "" : $"[{low}]|").AppendJoin('|', pairs).Append(')');
        }
    }

    private static void AppendRange(StringBuilder text, int first, int last)
    {
        if (first <= last)
        {
            text.Append(CultureInfo.InvariantCulture, $"\\u{first:X4}-\\u{last:X4}");
        }
    }

    private static void AddPairs(List<string> pairs, int first, int last)
    {
        while (first <= last)
        {
            var offset = first - 0x10000;
            var high = 0xD800 + (offset >> 10);
            var end = Math.Min(last, first | 0x3FF);
            var whole = (offset & 0x3FF) == 0 ? (last + 1 - first) >> 10 : 0;
            if (whole > 0)
            {
                pairs.Add(string.Create(CultureInfo.InvariantCulture, $"[\\u{high:X4}-\\u{high + whole - 1:X4}][\\uDC00-\\uDFFF]"));
                first += whole << 10;
                continue;
            }

            pairs.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"\\u{high:X4}[\\u{0xDC00 + (offset & 0x3FF):X4}-\\u{0xDC00 + ((end - 0x10000) & 0x3FF):X4}]"));
            first = end + 1;
        }
    }
}
