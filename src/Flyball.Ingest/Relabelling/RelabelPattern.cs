using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Flyball.Model.Text;

namespace Flyball.Ingest.Relabelling;

/// <summary>The anchored regex of a rule, and templates filled from its groups as Go's <c>regexp.Expand</c> does.</summary>
internal sealed class RelabelPattern
{
    public static readonly RelabelPattern Everything = new(RelabelRule.DefaultRegex);

    private readonly GoRegex _regex;

    // Go numbers groups by their opening parenthesis; the framework counts named ones after all others.
    private readonly string[] _groupsInOrder;

    public RelabelPattern(string pattern)
    {
        _regex = GoRegex.CompileAnchored(pattern);
        _groupsInOrder = ReadGroups(pattern);
    }

    /// <summary>Whether the whole value matches.</summary>
    public bool IsMatch(string value) => _regex.IsMatch(value);

    /// <summary>Matches the whole value, for <see cref="Expand"/>.</summary>
    public bool TryMatch(string value, out RelabelMatch match)
    {
        if (_regex.Literals is not null)
        {
            match = new RelabelMatch(value, null);
            return _regex.IsMatch(value);
        }

        var found = _regex.Match(value);
        match = new RelabelMatch(value, found);
        return found.Success;
    }

    /// <summary>Fills <c>$1</c>, <c>${1}</c>, <c>$name</c>, <c>${name}</c>; <c>$$</c> is a dollar; unknown groups are empty.</summary>
    public string Expand(string template, RelabelMatch match)
    {
        if (!template.Contains('$', StringComparison.Ordinal))
        {
            return template;
        }

        var text = new StringBuilder();
        for (var at = 0; at < template.Length;)
        {
            if (template[at] != '$')
            {
                text.Append(template[at++]);
            }
            else if (at + 1 < template.Length && template[at + 1] == '$')
            {
                text.Append('$');
                at += 2;
            }
            else if (TryReadReference(template, at, out var name, out var end))
            {
                text.Append(GroupOf(match, name));
                at = end;
            }
            else
            {
                // Go leaves a reference it cannot read as it stands.
                text.Append(template[at++]);
            }
        }

        return text.ToString();
    }

    /// <summary>Whether a template refers to any group.</summary>
    public static bool HasReference(string template)
    {
        for (var at = template.IndexOf('$', StringComparison.Ordinal); at >= 0; at = template.IndexOf('$', at + 1))
        {
            if (TryReadReference(template, at, out _, out _))
            {
                return true;
            }
        }

        return false;
    }

    private string GroupOf(RelabelMatch match, string name)
    {
        if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return match.Found?.Groups[name].Value ?? "";
        }

        if (number == 0)
        {
            return match.Value;
        }

        return number <= _groupsInOrder.Length ? match.Found?.Groups[_groupsInOrder[number - 1]].Value ?? "" : "";
    }

    private static bool TryReadReference(string template, int dollar, out string name, out int end)
    {
        var braced = dollar + 1 < template.Length && template[dollar + 1] == '{';
        var start = dollar + (braced ? 2 : 1);
        end = start;
        while (end < template.Length && (template[end] == '_' || char.IsLetterOrDigit(template[end])))
        {
            end++;
        }

        name = template[start..end];
        if (name.Length == 0 || (braced && (end == template.Length || template[end] != '}')))
        {
            return false;
        }

        end += braced ? 1 : 0;
        return true;
    }

    private static string[] ReadGroups(string pattern)
    {
        var groups = new List<string>();
        var unnamed = 0;
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    break;
                case '[':
                    inClass = true;
                    break;
                case ']':
                    inClass = false;
                    break;
                case '(' when !inClass && pattern.AsSpan(i + 1) is not ['?', ..]:
                    groups.Add((++unnamed).ToString(CultureInfo.InvariantCulture));
                    break;
                case '(' when !inClass && NameAt(pattern, i) is { } name:
                    groups.Add(name);
                    break;
            }
        }

        return [.. groups];
    }

    private static string? NameAt(string pattern, int at)
    {
        var rest = pattern.AsSpan(at);
        var start = rest.StartsWith("(?P<") ? 4 : rest.StartsWith("(?<") ? 3 : -1;
        var end = rest.IndexOf('>');
        return start < 0 || end < start ? null : rest[start..end].ToString();
    }
}

/// <summary>A value that matched, with its groups; null where the pattern is a plain list of words.</summary>
internal readonly record struct RelabelMatch(string Value, Match? Found);
