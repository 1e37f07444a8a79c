using Flyball.Alerting.Matching;
using Flyball.Configuration;
using Flyball.Model.Labels;

namespace Flyball.Alerting.Routing.Configuration;

/// <summary>The three ways of writing matchers: a map of values, a map of regular expressions, a list of matchers.</summary>
internal static class MatcherSection
{
    /// <summary>Reads all three, in the order in which they stand in group keys.</summary>
    public static IReadOnlyList<Matcher> Read(
        YamlSection section, ConfigProblems problems, string equal = "match", string regex = "match_re", string list = "matchers")
    {
        var matchers = new List<Matcher>();
        foreach (var (name, value) in section.Pairs(equal))
        {
            matchers.Add(new Matcher(MatchOp.Equal, name, value));
        }

        foreach (var (name, pattern) in section.Pairs(regex))
        {
            if (pattern.Length == 0)
            {
                section.Report(regex, $"invalid regexp value for {name}: it must not be empty");
                continue;
            }

            Add(matchers, section, problems, regex, () => [AlertMatchers.Make("=~", name, $"^(?:{pattern})$")]);
        }

        foreach (var text in section.Texts(list))
        {
            Add(matchers, section, problems, list, () => AlertMatchers.Parse(text));
        }

        return [.. matchers.OrderBy(m => m.Name, StringComparer.Ordinal).ThenBy(m => m.Value, StringComparer.Ordinal).ThenBy(m => m.Op)];
    }

    private static void Add(
        List<Matcher> matchers, YamlSection section, ConfigProblems problems, string key, Func<IReadOnlyList<Matcher>> parse)
    {
        try
        {
            matchers.AddRange(parse());
        }
        catch (MatcherSyntaxException e)
        {
            problems.Add(section.File, section.Find(key) ?? section.Node, e.Message);
        }
    }
}
