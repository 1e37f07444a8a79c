using Flyball.Alerting.Rules.Files;
using Flyball.Configuration;
using Flyball.Model.Text;

namespace Flyball.Server.Configuration;

/// <summary>Turns <c>rule_files</c> into the files there are and the groups in them.</summary>
internal static class RuleFileSection
{
    /// <summary>Expands patterns relative to the configuration's folder; a pattern without any file is a warning.</summary>
    public static IReadOnlyList<string> Find(YamlSection root, string baseFolder)
    {
        var files = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var pattern in root.Texts("rule_files"))
        {
            var found = Expand(Path.GetFullPath(pattern, baseFolder));
            if (found.Count == 0)
            {
                root.Warn("rule_files", $"names \"{pattern}\", but there is no such file");
            }

            files.UnionWith(found);
        }

        return [.. files];
    }

    /// <summary>Reads the groups of every file; mistakes carry the rule file's own name and place.</summary>
    public static IReadOnlyList<RuleGroupConfig> Read(IReadOnlyList<string> files, ConfigProblems problems)
    {
        var groups = new List<RuleGroupConfig>();
        foreach (var file in files)
        {
            try
            {
                groups.AddRange(RuleFileReader.Read(file, File.ReadAllText(file), problems));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                problems.Add(new ConfigProblem(file, 0, 0, $"cannot be read: {e.Message}"));
            }
        }

        return groups;
    }

    private static IReadOnlyList<string> Expand(string path)
    {
        if (!path.AsSpan().ContainsAny('*', '?'))
        {
            return File.Exists(path) ? [path] : [];
        }

        // Patterns may stand in folder names too: walk down segment by segment.
        var folders = new List<string> { Path.GetPathRoot(path)! };
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        foreach (var segment in segments[..^1])
        {
            folders = [.. folders.Where(Directory.Exists).SelectMany(folder => segment.AsSpan().ContainsAny('*', '?')
                ? Directory.EnumerateDirectories(folder, segment)
                : [Path.Combine(folder, segment)])];
        }

        return [.. folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, segments[^1]))];
    }
}
