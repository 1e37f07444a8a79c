using System.Text;

namespace Flyball.Model.Text;

/// <summary>Rewrites RE2 syntax into the framework's: what means the same stays, what would mean something else is replaced
/// or refused.</summary>
internal static class GoRegexTranslator
{
    public static string Translate(string pattern, bool dotMatchesNewline)
    {
        var text = new StringBuilder(pattern.Length + 8);
        text.Append(dotMatchesNewline ? "(?s:" : "(?:");
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            switch (c)
            {
                case '\\':
                    i = Escape(pattern, i, text, insideClass: false);
                    break;
                case '[':
                    i = Class(pattern, i, text);
                    break;
                case '(' when i + 1 < pattern.Length && pattern[i + 1] == '?':
                    i = Group(pattern, i, text);
                    break;
                case '$':
                    text.Append(@"\z");
                    break;
                default:
                    text.Append(c);
                    break;
            }
        }

        return text.Append(')').ToString();
    }

    private static int Escape(string pattern, int at, StringBuilder text, bool insideClass)
    {
        if (at + 1 >= pattern.Length)
        {
            throw new RegexSyntaxException(pattern, "trailing backslash at end of expression");
        }

        var c = pattern[at + 1];
        switch (c)
        {
            case 'Q' when !insideClass:
                var end = pattern.IndexOf(@"\E", at + 2, StringComparison.Ordinal);
                var literal = end < 0 ? pattern[(at + 2)..] : pattern[(at + 2)..end];
                text.Append(System.Text.RegularExpressions.Regex.Escape(literal));
                return end < 0 ? pattern.Length - 1 : end + 1;
            case 'd':
                text.Append(insideClass ? "0-9" : "[0-9]");
                return at + 1;
            case 'D':
                text.Append(insideClass ? @"\D" : "[^0-9]");
                return at + 1;
            case 'w':
                text.Append(insideClass ? "0-9A-Za-z_" : "[0-9A-Za-z_]");
                return at + 1;
            case 'W':
                text.Append(insideClass ? @"\W" : "[^0-9A-Za-z_]");
                return at + 1;
            case 's':
                text.Append(insideClass ? @"\t\n\f\r " : @"[\t\n\f\r ]");
                return at + 1;
            case 'S':
                text.Append(insideClass ? @"\S" : @"[^\t\n\f\r ]");
                return at + 1;
            case 'x' when at + 2 < pattern.Length && pattern[at + 2] == '{':
                var close = pattern.IndexOf('}', at);
                if (close < 0 || !int.TryParse(pattern.AsSpan(at + 3, close - at - 3), System.Globalization.NumberStyles.HexNumber, null, out var rune)
                    || !Rune.IsValid(rune))
                {
                    throw new RegexSyntaxException(pattern, "invalid escape sequence");
                }

                text.Append(System.Text.RegularExpressions.Regex.Escape(char.ConvertFromUtf32(rune)));
                return close;
            case 'p' or 'P' when at + 2 < pattern.Length && pattern[at + 2] != '{':
                text.Append('\\').Append(c).Append('{').Append(pattern[at + 2]).Append('}');
                return at + 2;
            case >= '1' and <= '9':
                throw new RegexSyntaxException(pattern, "invalid escape sequence");
            case 'Z' or 'G' or 'k' or 'K' or 'C':
                throw new RegexSyntaxException(pattern, "invalid escape sequence");
            default:
                text.Append('\\').Append(c);
                return at + 1;
        }
    }

    private static int Class(string pattern, int at, StringBuilder text)
    {
        text.Append('[');
        var i = at + 1;
        if (i < pattern.Length && pattern[i] == '^')
        {
            text.Append('^');
            i++;
        }

        for (var first = true; i < pattern.Length; i++, first = false)
        {
            var c = pattern[i];
            if (c == ']' && !first)
            {
                text.Append(']');
                return i;
            }

            if (c == '[' && i + 1 < pattern.Length && pattern[i + 1] == ':')
            {
                i = PosixClass(pattern, i, text);
            }
            else if (c == '\\')
            {
                i = Escape(pattern, i, text, insideClass: true);
            }
            else if (c is '[' or ']')
            {
                // A bare bracket is an ordinary member here; the framework would read "-[" as subtraction.
                text.Append('\\').Append(c);
            }
            else
            {
                text.Append(c);
            }
        }

        throw new RegexSyntaxException(pattern, "missing closing ]");
    }

    private static int PosixClass(string pattern, int at, StringBuilder text)
    {
        var end = pattern.IndexOf(":]", at, StringComparison.Ordinal);
        var name = end < 0 ? "" : pattern[(at + 2)..end];
        text.Append(name switch
        {
            "alnum" => "0-9A-Za-z",
            "alpha" => "A-Za-z",
            "ascii" => @"\x00-\x7F",
            "blank" => @"\t ",
            "cntrl" => @"\x00-\x1F\x7F",
            "digit" => "0-9",
            "graph" => "!-~",
            "lower" => "a-z",
            "print" => " -~",
            "punct" => @"!-/:-@\[-`{-~",
            "space" => @"\t\n\v\f\r ",
            "upper" => "A-Z",
            "word" => "0-9A-Za-z_",
            "xdigit" => "0-9A-Fa-f",
            _ => throw new RegexSyntaxException(pattern, "invalid character class range"),
        });
        return end + 1;
    }

    private static int Group(string pattern, int at, StringBuilder text)
    {
        var rest = pattern.AsSpan(at);
        if (rest.StartsWith("(?P<", StringComparison.Ordinal))
        {
            text.Append("(?<");
            return at + 3;
        }

        if (rest.StartsWith("(?<", StringComparison.Ordinal) && rest.Length > 3 && rest[3] is not ('=' or '!'))
        {
            text.Append("(?<");
            return at + 2;
        }

        var end = rest.IndexOfAny(')', ':');
        var flags = end < 0 ? default : rest[2..end];
        if (end < 0 || flags.IndexOfAnyExcept("imsU-") >= 0)
        {
            throw new RegexSyntaxException(pattern, "invalid or unsupported Perl syntax");
        }

        if (flags.Contains('U'))
        {
            throw new RegexSyntaxException(pattern, "the ungreedy flag (?U) is not supported here; write *? instead");
        }

        text.Append(rest[..(end + 1)]);
        return at + end;
    }
}
