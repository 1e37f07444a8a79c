using Flyball.Configuration;
using Flyball.Ingest.Relabelling;
using Flyball.Model.Text;

namespace Flyball.Server.Configuration;

/// <summary>Reads relabelling rules. Prometheus documentation, "Configuration".</summary>
internal static class RelabelSection
{
    private static readonly string[] Actions = [.. Enum.GetNames<RelabelAction>().Select(n => n.ToLowerInvariant())];

    public static IReadOnlyList<RelabelRule> Load(YamlSection parent, string key)
    {
        var rules = new List<RelabelRule>();
        foreach (var section in parent.Sections(key))
        {
            if (Read(section) is { } rule)
            {
                rules.Add(rule);
            }

            section.Finish();
        }

        return rules;
    }

    private static RelabelRule? Read(YamlSection section)
    {
        var word = section.Text("action");
        var action = word is null ? 0 : Array.IndexOf(Actions, word.ToLowerInvariant());
        if (action < 0)
        {
            section.Report("action", $"unknown relabel action \"{word}\"; write one of {string.Join(", ", Actions)}{NearestWord.Suggest(word!, Actions)}");
            action = 0;
        }

        try
        {
            var rule = new RelabelRule
            {
                Action = (RelabelAction)action,
                SourceLabels = section.Texts("source_labels"),
                Separator = section.Text("separator") ?? RelabelRule.DefaultSeparator,
                Regex = section.Text("regex") ?? RelabelRule.DefaultRegex,
                Modulus = (ulong)(section.Integer("modulus", 0) ?? 0),
                TargetLabel = section.Text("target_label") ?? "",
                Replacement = section.Text("replacement") ?? RelabelRule.DefaultReplacement,
            };
            if (rule.FindProblem() is { } problem)
            {
                section.Report(problem);
            }

            return rule;
        }
        catch (RegexSyntaxException e)
        {
            section.Accept("modulus", "target_label", "replacement");
            section.Report("regex", e.Message);
            return null;
        }
    }
}
