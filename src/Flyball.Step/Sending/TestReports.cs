using System.Globalization;
using System.Text;
using Flyball.Step.Contexts;

namespace Flyball.Step.Sending;

/// <summary>The reports of tests that the command wrote: which files, and where they go.</summary>
internal static class TestReports
{
    private const long MostBytes = 64 << 20;
    private const int MostFiles = 1000;

    // File systems may tell whole seconds only.
    private static readonly TimeSpan Grain = TimeSpan.FromSeconds(2);

    /// <summary>Files of a pattern that were written since the step began: what lay there before belongs to an earlier step.</summary>
    /// <param name="pattern">A path; <c>*</c> and <c>?</c> in its last part, <c>**</c> as a part of its own for any folders.</param>
    public static IReadOnlyList<string> Find(string pattern, DateTimeOffset since)
    {
        var anyDepth = pattern.IndexOf("**/", StringComparison.Ordinal);
        var folder = anyDepth >= 0 ? pattern[..anyDepth] : Path.GetDirectoryName(pattern) ?? "";
        var name = Path.GetFileName(pattern);
        folder = folder.Length == 0 ? "." : folder;
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var options = new EnumerationOptions { RecurseSubdirectories = anyDepth >= 0, IgnoreInaccessible = true, MatchType = MatchType.Simple };
        var found = new List<string>();
        foreach (var file in Directory.EnumerateFiles(folder, name, options))
        {
            if (found.Count < MostFiles && File.GetLastWriteTimeUtc(file) >= since.UtcDateTime - Grain && new FileInfo(file).Length <= MostBytes)
            {
                found.Add(file);
            }
        }

        found.Sort(StringComparer.Ordinal);
        return found;
    }

    /// <summary>Path and query of the address that takes reports, saying whose they are.</summary>
    public static string Address(StepIdentity who, RunFacts facts)
    {
        var text = new StringBuilder("/api/flyball/tests/junit?trace_id=").Append(who.Context.TraceId);
        Add(text, "system", who.Run.System);
        Add(text, "instance", who.Run.Instance);
        Add(text, "run", who.Run.RunId);
        Add(text, "attempt", who.Run.RunAttempt.ToString(CultureInfo.InvariantCulture));
        Add(text, "number", who.Run.RunNumber);
        Add(text, "pipeline", who.Pipeline);
        Add(text, "task", who.TaskName);
        Add(text, "commit", facts.Commit);
        Add(text, "branch", facts.Ref);
        Add(text, "repository", facts.Repository.Url);
        Add(text, "actor", who.Run.Actor);
        return text.ToString();
    }

    private static void Add(StringBuilder text, string name, string value)
    {
        if (value.Length > 0)
        {
            text.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }
}
