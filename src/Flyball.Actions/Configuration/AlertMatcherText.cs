using System.Text;
using Flyball.Model.Labels;
using Flyball.Model.Text;

namespace Flyball.Actions.Configuration;

/// <summary>Reads one matcher as Alertmanager writes it: <c>name="value"</c>, <c>name=~"regex"</c>, <c>name!=value</c>.</summary>
internal static class AlertMatcherText
{
    /// <summary>Reads a matcher; null with a reason when it is none.</summary>
    public static Matcher? Read(string text, out string error)
    {
        error = "";
        var rest = text.Trim();
        var at = rest.StartsWith('"') ? EndOfQuoted(rest) : rest.IndexOfAny(['=', '!']);
        if (at <= 0)
        {
            error = $"\"{text}\" is no matcher; write one like alertname=\"TaskFailed\" or task=~\"test.*\"";
            return null;
        }

        var name = rest[..at].Trim();
        name = name.StartsWith('"') ? Unquote(name) : name;
        var (op, length) = rest[at..].TrimStart() switch
        {
            ['=', '~', ..] => (MatchOp.Regex, 2),
            ['!', '~', ..] => (MatchOp.NotRegex, 2),
            ['!', '=', ..] => (MatchOp.NotEqual, 2),
            ['=', ..] => (MatchOp.Equal, 1),
            _ => (MatchOp.Equal, 0),
        };
        var value = rest[at..].TrimStart()[length..].Trim();
        if (length == 0 || name.Length == 0 || (value.StartsWith('"') && EndOfQuoted(value) != value.Length))
        {
            error = $"\"{text}\" is no matcher; its operator is one of = != =~ !~, its value is in double quotes";
            return null;
        }

        try
        {
            return new Matcher(op, name, value.StartsWith('"') ? Unquote(value) : value);
        }
        catch (RegexSyntaxException e)
        {
            error = e.Message;
            return null;
        }
    }

    private static int EndOfQuoted(string text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '"')
            {
                return i + 1;
            }
        }

        return -1;
    }

    private static string Unquote(string quoted)
    {
        var text = new StringBuilder();
        for (var i = 1; i < quoted.Length - 1; i++)
        {
            if (quoted[i] == '\\' && quoted[i + 1] is '\\' or '"' or 'n')
            {
                i++;
                text.Append(quoted[i] == 'n' ? '\n' : quoted[i]);
            }
            else
            {
                text.Append(quoted[i]);
            }
        }

        return text.ToString();
    }
}
