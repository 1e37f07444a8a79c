using System.Text;
using Flyball.Model.Labels;
using Flyball.Model.Text;

namespace Flyball.Alerting.Matching;

/// <summary>Matchers as Alertmanager writes them in configuration, silences and filters. Source: Alertmanager documentation, "Configuration".</summary>
/// <remarks>Alertmanager has two parsers: an old one that is lax and knows ASCII names only, and a strict one for UTF-8.
/// Like it, we take the old one's reading wherever it has one, so that no configuration changes its meaning.</remarks>
public static class AlertMatchers
{
    /// <summary>Reads a list such as <c>{a="b", c=~"d.*"}</c>; the braces are optional.</summary>
    /// <exception cref="MatcherSyntaxException">It is none.</exception>
    public static IReadOnlyList<Matcher> Parse(string text)
    {
        var classic = Try(() => ClassicMatcherParser.Parse(text), out var classicError);
        if (classic is not null)
        {
            return classic;
        }

        var strict = Try(() => Utf8MatcherParser.Parse(text), out _);
        return strict ?? throw classicError!;
    }

    /// <summary>Reads exactly one matcher.</summary>
    /// <exception cref="MatcherSyntaxException">It is none, or more than one.</exception>
    public static Matcher ParseOne(string text)
    {
        var matchers = Parse(text);
        return matchers.Count switch
        {
            1 => matchers[0],
            0 => throw new MatcherSyntaxException("no matchers"),
            _ => throw new MatcherSyntaxException($"expected 1 matcher, found {matchers.Count}"),
        };
    }

    /// <summary>Writes matchers as they stand in group keys: <c>{a="b",c=~"d.*"}</c>.</summary>
    public static string Format(IEnumerable<Matcher> matchers) => "{" + string.Join(',', matchers.Select(Format)) + "}";

    /// <summary>Writes one matcher.</summary>
    public static string Format(Matcher matcher)
    {
        var text = new StringBuilder();
        if (matcher.Name.Any(Utf8MatcherParser.IsReserved))
        {
            LabelText.AppendQuoted(text, matcher.Name);
        }
        else
        {
            text.Append(matcher.Name);
        }

        text.Append(OperatorOf(matcher.Op));
        LabelText.AppendQuoted(text, matcher.Value);
        return text.ToString();
    }

    internal static string OperatorOf(MatchOp op) =>
        op switch { MatchOp.Equal => "=", MatchOp.NotEqual => "!=", MatchOp.Regex => "=~", _ => "!~" };

    internal static Matcher Make(string op, string name, string value)
    {
        try
        {
            return new Matcher(op switch { "=" => MatchOp.Equal, "!=" => MatchOp.NotEqual, "=~" => MatchOp.Regex, _ => MatchOp.NotRegex }, name, value);
        }
        catch (RegexSyntaxException e)
        {
            throw new MatcherSyntaxException(e.Message, e);
        }
    }

    private static IReadOnlyList<Matcher>? Try(Func<IReadOnlyList<Matcher>> parse, out MatcherSyntaxException? error)
    {
        try
        {
            error = null;
            return parse();
        }
        catch (MatcherSyntaxException e)
        {
            error = e;
            return null;
        }
    }
}

/// <summary>A text is no matcher.</summary>
public sealed class MatcherSyntaxException(string message, Exception? cause = null) : FormatException(message, cause);
