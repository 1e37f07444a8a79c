using System.Text;

namespace Flyball.Model.Labels;

/// <summary>Label names and sets as text, by the rules all Prometheus formats share.</summary>
public static class LabelText
{
    /// <summary>Whether a metric name needs no quotes: <c>[a-zA-Z_:][a-zA-Z0-9_:]*</c>.</summary>
    public static bool IsLegacyMetricName(string name) => IsLegacy(name, colon: true);

    /// <summary>Whether a label name needs no quotes: <c>[a-zA-Z_][a-zA-Z0-9_]*</c>.</summary>
    public static bool IsLegacyLabelName(string name) => IsLegacy(name, colon: false);

    /// <summary>Writes <c>name{a="b", c="d"}</c>.</summary>
    public static string Format(LabelSet labels)
    {
        var text = new StringBuilder();
        var name = labels.MetricName;
        var bare = IsLegacyMetricName(name);
        if (bare)
        {
            text.Append(name);
        }

        var first = true;
        foreach (var label in labels)
        {
            if (label.Name.SequenceEqual("__name__"u8))
            {
                if (bare)
                {
                    continue;
                }

                Separate(text, ref first);
                AppendQuoted(text, label.ValueText);
                continue;
            }

            Separate(text, ref first);
            var labelName = label.NameText;
            if (IsLegacyLabelName(labelName))
            {
                text.Append(labelName);
            }
            else
            {
                AppendQuoted(text, labelName);
            }

            text.Append('=');
            AppendQuoted(text, label.ValueText);
        }

        if (!first)
        {
            text.Append('}');
        }
        else if (name.Length == 0)
        {
            text.Append("{}");
        }

        return text.ToString();
    }

    /// <summary>Appends a double-quoted string with <c>\\</c>, <c>\"</c> and <c>\n</c> escaped.</summary>
    public static void AppendQuoted(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => text.Append(@"\\"),
                '"' => text.Append("\\\""),
                '\n' => text.Append(@"\n"),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }

    private static void Separate(StringBuilder text, ref bool first)
    {
        text.Append(first ? "{" : ", ");
        first = false;
    }

    private static bool IsLegacy(string name, bool colon)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_' && !(colon && c == ':'))
            {
                return false;
            }
        }

        return true;
    }
}
