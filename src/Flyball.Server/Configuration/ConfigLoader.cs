using Flyball.Access;
using Flyball.Actions.Configuration;
using Flyball.Alerting.Routing.Configuration;
using Flyball.Configuration;
using Flyball.Model.Text;

namespace Flyball.Server.Configuration;

/// <summary>Reads <c>flyball.yml</c> (or <c>prometheus.yml</c>, its subset) and reports everything that is wrong at once.</summary>
/// <remarks>
/// 1. parse the YAML; 2. let each section's owner read it; 3. report keys that nobody knows. Nothing is applied here.
/// Checks that need the network or the files behind secrets are not made: what is written is what is checked.
/// </remarks>
public static class ConfigLoader
{
    /// <summary>Reads a file.</summary>
    public static ConfigOutcome LoadFile(string path)
    {
        try
        {
            return Load(path, File.ReadAllText(path), Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ConfigOutcome(Config: null, [new ConfigProblem(path, 0, 0, $"cannot be read: {e.Message}")], []);
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="file">The name problems are reported under.</param>
    public static ConfigOutcome Load(string file, string text, string baseFolder)
    {
        var problems = new ConfigProblems();
        var config = YamlFile.Load(file, text, problems) is { } node
            ? ReadSections(new YamlSection(file, node, problems), problems, text, baseFolder)
            : null;
        IReadOnlyList<ConfigProblem> sorted = [.. problems.All.OrderBy(p => p.File, StringComparer.Ordinal).ThenBy(p => p.Line).ThenBy(p => p.Column)];
        return new ConfigOutcome(sorted.Count == 0 ? config! with { Warnings = problems.Warnings } : null, sorted, problems.Warnings);
    }

    private static FlyballConfig ReadSections(YamlSection root, ConfigProblems problems, string text, string baseFolder)
    {
        var global = GlobalConfig.Load(root.Section("global"), Environment.GetEnvironmentVariable);
        var ruleFiles = RuleFileSection.Find(root, baseFolder);
        var config = new FlyballConfig
        {
            Path = root.File,
            Text = text,
            BaseFolder = baseFolder,
            Global = global,
            Listen = ListenConfig.Load(root.Section("listen")),
            Host = HostConfig.Load(root.Section("host"), global),
            Storage = StorageConfig.Load(root.Section("storage"), root.Section("traces")),
            Query = QueryConfig.Load(root.Section("query")),
            Runs = RunsConfig.Load(root.Section("runs")),
            Access = AccessConfig.Load(root.Section("access"), baseFolder),
            Hooks = HooksConfig.Load(root.Section("hooks"), baseFolder),
            TektonWatch = TektonWatchConfig.Load(root.Section("tekton"), baseFolder),
            Backfill = BackfillConfig.Load(root, baseFolder),
            ScrapePools = ScrapeSection.Load(root, global, baseFolder),
            Actions = ActionsConfigReader.Read(root, baseFolder),
            Routing = root.Has("route") || root.Has("receivers")
                ? RoutingConfigReader.Read(root, global: null, problems) with { Text = SecretMask.Mask(text) }
                : RoutingConfig.Empty,
            RuleFiles = ruleFiles,
            RuleGroups = RuleFileSection.Read(ruleFiles, problems),
        };
        ReadForeign(root);
        root.Finish();
        return config;
    }

    // Prometheus' keys whose work Flyball does not do yet, or does in another way. None may be swallowed silently.
    private static void ReadForeign(YamlSection root)
    {
        root.Accept("runtime");
        root.Warn("alerting", "is not used: alerts are routed here, by \"route\" and \"receivers\"");
        root.Warn("otlp", "is not used yet: names are translated as UnderscoreEscapingWithSuffixes does");
        root.Warn("tracing", "is not used: Flyball does not trace itself yet");
        root.Refuse("remote_write", "is not supported yet; remove it, or send to Flyball instead of from it");
        root.Refuse("remote_read", "is not supported yet; remove it");
        root.Refuse("scrape_config_files", "is not supported yet; list the configurations under scrape_configs");
    }
}
