using Flyball.Configuration;
using Flyball.Model.Text;

namespace Flyball.Alerting.Rules.Files;

/// <summary>Checks a rule file as <c>promtool check rules</c> does.</summary>
public static class RuleFileChecker
{
    /// <summary>Checks the text of a rule file.</summary>
    /// <param name="file">The path problems carry.</param>
    public static RuleFileReport Check(string file, string text, RuleFileOptions? options = null)
    {
        var problems = new ConfigProblems();
        var groups = RuleFileReader.Read(file, text, problems, options);
        return new RuleFileReport(file, problems.All, groups, FindDuplicates(file, groups));
    }

    // Two rules that write the same series overwrite one another, or are refused as duplicates.
    private static List<ConfigProblem> FindDuplicates(string file, IReadOnlyList<RuleGroupConfig> groups)
    {
        var found = new List<ConfigProblem>();
        var seen = new Dictionary<string, RuleConfig>();
        foreach (var rule in groups.SelectMany(g => g.Rules))
        {
            var labels = string.Join(", ", rule.Labels.Select(l => $"{l.Name}=\"{l.Template.Text}\""));
            if (!seen.TryAdd($"{rule.IsAlert} {rule.Name} {labels}", rule))
            {
                var first = seen[$"{rule.IsAlert} {rule.Name} {labels}"];
                found.Add(new ConfigProblem(file, rule.Line, 1,
                    $"\"{rule.Name}\" with labels {{{labels}}} is the same as in line {first.Line}: this might cause inconsistency while recording expressions"));
            }
        }

        return found;
    }
}

/// <summary>What was found in a rule file.</summary>
/// <param name="Problems">Mistakes: the file cannot be used.</param>
/// <param name="Groups">Its groups, as far as they could be read.</param>
/// <param name="Duplicates">Rules that are the same as earlier ones: it can be used, but hardly does what is meant.</param>
public sealed record RuleFileReport(
    string File, IReadOnlyList<ConfigProblem> Problems, IReadOnlyList<RuleGroupConfig> Groups, IReadOnlyList<ConfigProblem> Duplicates)
{
    /// <summary>Number of rules.</summary>
    public int RuleCount => Groups.Sum(g => g.Rules.Count);
}
