using System.Text;
using System.Text.RegularExpressions;
using Flyball.Model.Labels;

namespace Flyball.Alerting.Matching;

/// <summary>The lax parser of old: names are ASCII, values need no quotes and may hold nearly anything.</summary>
internal static partial class ClassicMatcherParser
{
    public static IReadOnlyList<Matcher> Parse(string text)
    {
        text = text.StartsWith('{') ? text[1..] : text;
        text = text.EndsWith('}') ? text[..^1] : text;
        return [.. Split(text).Select(ParseOne)];
    }

    // At commas outside quotes; what is empty after the last comma is no matcher.
    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        var start = 0;
        var insideQuotes = false;
        var escaped = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (!insideQuotes && text[i] == ',')
            {
                parts.Add(text[start..i]);
                start = i + 1;
                escaped = false;
                continue;
            }

            insideQuotes ^= text[i] == '"' && !escaped;
            escaped = text[i] == '\\' && !escaped;
        }

        if (!string.IsNullOrWhiteSpace(text[start..]))
        {
            parts.Add(text[start..]);
        }

        return parts;
    }

    private static Matcher ParseOne(string text)
    {
        var match = MatcherForm().Match(text);
        return match.Success
            ? AlertMatchers.Make(match.Groups["op"].Value, match.Groups["name"].Value, Unescape(match.Groups["value"].Value))
            : throw new MatcherSyntaxException("bad matcher format: " + text);
    }

    private static string Unescape(string raw)
    {
        var isQuoted = raw.StartsWith('"');
        var body = isQuoted ? raw[1..] : raw;
        var value = new StringBuilder(body.Length);
        for (var i = 0; i < body.Length; i++)
        {
            var isLast = i == body.Length - 1;
            switch (body[i])
            {
                case '\\' when !isLast:
                    i++;
                    // A backslash before anything else stands for itself.
                    _ = body[i] switch { 'n' => value.Append('\n'), '"' or '\\' => value.Append(body[i]), var c => value.Append('\\').Append(c) };
                    break;
                case '"' when isQuoted && isLast:
                    return value.ToString();
                case '"':
                    throw Unbalanced(raw);
                default:
                    value.Append(body[i]);
                    break;
            }
        }

        return isQuoted ? throw Unbalanced(raw) : value.ToString();
    }

    private static MatcherSyntaxException Unbalanced(string raw) => new("matcher value contains unescaped double quote: " + raw);

    [GeneratedRegex(@"\A\s*(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?<op>=~|=|!=|!~)\s*(?<value>.*?)\s*\z",
        RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex MatcherForm();
}
