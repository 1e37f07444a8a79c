using System.Text;

namespace Flyball.Server.TempoApi;

/// <summary>Translates the older <c>tags</c> form of a search, in logfmt, into TraceQL (Tempo documentation, "HTTP API").</summary>
internal static class TagsQuery
{
    /// <summary>The query.</summary>
    /// <exception cref="TempoRequestException">The tags are no logfmt, or name a key twice.</exception>
    public static string Translate(string tags, string minDuration, string maxDuration)
    {
        var parts = new List<string>();
        var keys = new HashSet<string>();
        foreach (var (key, value) in ReadLogfmt(tags))
        {
            if (!keys.Add(key))
            {
                throw new TempoRequestException($"the tag \"{key}\" is given twice");
            }

            parts.Add($"{{ {FieldOf(key)} =~ {Quote("(?i).*" + EscapeRegex(value) + ".*")} }}");
        }

        if (minDuration.Length > 0)
        {
            parts.Add($"{{ traceDuration >= {minDuration} }}");
        }

        if (maxDuration.Length > 0)
        {
            parts.Add($"{{ traceDuration <= {maxDuration} }}");
        }

        return parts.Count == 0 ? "{}" : string.Join(" && ", parts);
    }

    private static string FieldOf(string key) => key switch
    {
        "name" => "name",
        "root.name" => "rootName",
        "root.service.name" => "rootServiceName",
        _ => "." + Quote(key),
    };

    private static string Quote(string text) => '"' + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + '"';

    private static string EscapeRegex(string text)
    {
        var escaped = new StringBuilder();
        foreach (var c in text)
        {
            _ = @"\.+*?()|[]{}^$".Contains(c) ? escaped.Append('\\').Append(c) : escaped.Append(c);
        }

        return escaped.ToString();
    }

    private static IEnumerable<(string Key, string Value)> ReadLogfmt(string tags)
    {
        var at = 0;
        while (true)
        {
            while (at < tags.Length && char.IsWhiteSpace(tags[at]))
            {
                at++;
            }

            if (at == tags.Length)
            {
                yield break;
            }

            var equals = tags.IndexOf('=', at);
            if (equals <= at)
            {
                throw new TempoRequestException($"tags: key=value is expected at character {at + 1}");
            }

            var key = tags[at..equals];
            at = equals + 1;
            yield return (key, ReadValue(tags, ref at));
        }
    }

    private static string ReadValue(string tags, ref int at)
    {
        var value = new StringBuilder();
        var isQuoted = at < tags.Length && tags[at] == '"';
        at += isQuoted ? 1 : 0;
        while (at < tags.Length && (isQuoted ? tags[at] != '"' : !char.IsWhiteSpace(tags[at])))
        {
            if (isQuoted && tags[at] == '\\' && at + 1 < tags.Length)
            {
                at++;
            }

            value.Append(tags[at++]);
        }

        if (isQuoted && at++ >= tags.Length)
        {
            throw new TempoRequestException("tags: a quoted value does not end");
        }

        return value.ToString();
    }
}
