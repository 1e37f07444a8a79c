using Flyball.Configuration;
using Flyball.Model.Labels;
using Flyball.PromQL;
using Flyball.Templates;
using Flyball.Templates.Rules;

namespace Flyball.Alerting.Rules.Files;

/// <summary>Reads the rules of one group.</summary>
internal sealed class RuleReader(
    string group, IReadOnlyList<KeyValuePair<string, string>> groupLabels, ConfigProblems problems, RuleFileOptions options)
{
    private int _index;
    private string _name = "";

    /// <summary>Reads one rule.</summary>
    /// <returns>Null when the rule cannot be used; a problem says why.</returns>
    public RuleConfig? Read(YamlSection section)
    {
        _index++;
        var (record, alert) = (section.Text("record") ?? "", section.Text("alert") ?? "");
        _name = record.Length > 0 ? record : alert;
        CheckKind(section, record, alert);
        var expression = ReadExpression(section);
        var isAlert = alert.Length > 0;
        var rule = expression is null ? null : new RuleConfig(_name, expression)
        {
            IsAlert = isAlert,
            For = section.Duration("for") ?? default,
            KeepFiringFor = section.Duration("keep_firing_for") ?? default,
            Labels = ReadLabels(section, isAlert),
            Annotations = ReadAnnotations(section),
            Line = (int)section.Node.Start.Line,
        };
        if (!isAlert)
        {
            CheckRecording(section, record);
        }

        section.Accept("for", "keep_firing_for", "labels", "annotations");
        RuleFileReader.Finish(section, "rulefmt.Rule", options);
        return rule;
    }

    private void CheckKind(YamlSection section, string record, string alert)
    {
        if (record.Length > 0 && alert.Length > 0)
        {
            Report(section, "alert", "only one of 'record' and 'alert' must be set");
        }
        else if (record.Length == 0 && alert.Length == 0)
        {
            Report(section, "record", "one of 'record' or 'alert' must be set");
        }
    }

    private void CheckRecording(YamlSection section, string record)
    {
        foreach (var key in (ReadOnlySpan<string>)["for", "keep_firing_for", "annotations"])
        {
            if (section.Has(key) && (key == "annotations" || section.Duration(key) is { Value: > 0 }))
            {
                Report(section, key, $"invalid field '{key}' in recording rule");
            }
        }

        if (record.AsSpan().ContainsAny('{', '}'))
        {
            Report(section, "record", $"braces present in the recording rule name; should it be in expr?: {record}");
        }
        else if (record.Length > 0 && !(options.LegacyNames ? LabelText.IsLegacyMetricName(record) : IsUtf8(record)))
        {
            Report(section, "record", $"invalid recording rule name: {record}");
        }
    }

    private PromQLExpression? ReadExpression(YamlSection section)
    {
        var text = section.Text("expr");
        if (string.IsNullOrEmpty(text))
        {
            Report(section, "expr", "field 'expr' must be set in rule");
            return null;
        }

        if (!PromQLExpression.TryParse(text, options.Features, out var expression, out var problem))
        {
            foreach (var found in problem.Problems)
            {
                Report(section, "expr", $"could not parse expression: {found}");
            }

            return null;
        }

        if (expression.Kind is not (ValueKind.Scalar or ValueKind.Vector))
        {
            Report(section, "expr", "the expression must yield a vector or a scalar; aggregate over the range or query it elsewhere");
            return null;
        }

        return expression;
    }

    private List<NamedTemplate> ReadLabels(YamlSection section, bool isAlert)
    {
        var merged = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in groupLabels.Concat(section.Pairs("labels")))
        {
            if (name == LabelSet.MetricNameLabel || !IsLabelName(name))
            {
                Report(section, "labels", $"invalid label name: {name}");
            }

            if (!IsUtf8(value))
            {
                Report(section, "labels", $"invalid label value: {value}");
            }

            merged[name] = value;
        }

        // Labels of recording rules are plain text: nothing in them is expanded.
        return [.. merged.Select(p => isAlert
            ? ParseTemplate(section, "labels", "label", p.Key, p.Value)
            : new NamedTemplate(p.Key, RuleTemplate.Literal(p.Value)))];
    }

    private List<NamedTemplate> ReadAnnotations(YamlSection section)
    {
        var templates = new List<NamedTemplate>();
        foreach (var (name, value) in section.Pairs("annotations").OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            if (!IsLabelName(name))
            {
                Report(section, "annotations", $"invalid annotation name: {name}");
            }

            templates.Add(ParseTemplate(section, "annotations", "annotation", name, value));
        }

        return templates;
    }

    private NamedTemplate ParseTemplate(YamlSection section, string key, string what, string name, string text)
    {
        try
        {
            return new NamedTemplate(name, RuleTemplate.Parse("__alert_" + _name, text));
        }
        catch (TemplateException e)
        {
            Report(section, key, $"{what} \"{name}\": error parsing template __alert_{_name}: {e.Message}");
            return new NamedTemplate(name, RuleTemplate.Literal(text));
        }
    }

    private bool IsLabelName(string name) =>
        name.Length > 0 && (options.LegacyNames ? LabelText.IsLegacyLabelName(name) : IsUtf8(name));

    // A lone surrogate is all that can be wrong in a string of the framework.
    private static bool IsUtf8(string text) => !text.Contains('\uFFFD') && text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') is var at
        && (at < 0 || text.EnumerateRunes().All(r => r != System.Text.Rune.ReplacementChar));

    private void Report(YamlSection section, string key, string message)
    {
        var at = section.Find(key) ?? section.Node;
        problems.Add(section.File, at, $"group \"{group}\", rule {_index}, \"{_name}\": {message}");
    }
}
