using Flyball.Configuration;
using Flyball.Model.Time;

namespace Flyball.Alerting.Rules.Files;

/// <summary>Reads a rule file: its groups, and everything that is wrong with it. Source: Prometheus documentation, "Recording and alerting rules".</summary>
public static class RuleFileReader
{
    private const string GroupType = "rulefmt.RuleGroup";

    /// <summary>Reads the text of a rule file.</summary>
    /// <param name="file">The path problems and groups carry.</param>
    /// <returns>The groups that could be read; do not use them when there are problems.</returns>
    public static IReadOnlyList<RuleGroupConfig> Read(string file, string text, ConfigProblems problems, RuleFileOptions? options = null)
    {
        options ??= new RuleFileOptions();
        if (YamlFile.Load(file, text, problems) is not { } root)
        {
            return [];
        }

        var section = new YamlSection(file, root, problems);
        var groups = new List<RuleGroupConfig>();
        var names = new HashSet<string>();
        foreach (var group in section.Sections("groups"))
        {
            var config = ReadGroup(group, problems, options);
            if (config.Name.Length == 0)
            {
                group.Report("groupname must not be empty");
            }
            else if (!names.Add(config.Name))
            {
                group.Report("name", $"groupname: \"{config.Name}\" is repeated in the same file");
            }

            groups.Add(config);
        }

        Finish(section, "rulefmt.RuleGroups", options);
        return groups;
    }

    internal static void Finish(YamlSection section, string type, RuleFileOptions options)
    {
        if (!options.IgnoreUnknownKeys)
        {
            section.Finish(type);
        }
    }

    private static RuleGroupConfig ReadGroup(YamlSection section, ConfigProblems problems, RuleFileOptions options)
    {
        var name = section.Text("name") ?? "";
        var labels = section.Pairs("labels");
        var reader = new RuleReader(name, labels, problems, options);
        var rules = new List<RuleConfig>();
        foreach (var rule in section.Sections("rules"))
        {
            if (reader.Read(rule) is { } config)
            {
                rules.Add(config);
            }
        }

        var group = new RuleGroupConfig(section.File, name, rules)
        {
            Interval = section.Duration("interval") is { Value: > 0 } interval ? interval : null,
            Limit = (int)(section.Integer("limit", least: 0, most: int.MaxValue) ?? 0),
            QueryOffset = section.Duration("query_offset"),
            Reactive = ReadReactive(section, options),
        };
        Finish(section, GroupType, options);
        return group;
    }

    // "reactive: true", or "reactive: {debounce: 10ms}".
    private static ReactiveConfig? ReadReactive(YamlSection section, RuleFileOptions options)
    {
        if (section.Find("reactive") is not YamlDotNet.RepresentationModel.YamlMappingNode)
        {
            return section.Boolean("reactive") == true ? new ReactiveConfig(ReactiveConfig.DefaultDebounce) : null;
        }

        var reactive = section.Section("reactive")!;
        var debounce = reactive.Duration("debounce") ?? ReactiveConfig.DefaultDebounce;
        if (debounce > DurationMs.FromSeconds(60))
        {
            reactive.Report("debounce", "\"debounce\" must not exceed 1m; leave \"reactive\" out to evaluate by the clock alone");
        }

        Finish(reactive, "reactive", options);
        return new ReactiveConfig(debounce);
    }
}
