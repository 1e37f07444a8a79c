using Flyball.Configuration;
using Flyball.Model.Time;

namespace Flyball.Server.Configuration;

/// <summary>The section <c>runs</c>: how long the history of pipeline runs is kept.</summary>
/// <param name="KeepFor">A run that began longer ago may be deleted; 0 = kept for ever.</param>
/// <param name="KeepBytes">Bytes of history beyond which the oldest goes; 0 = any.</param>
/// <param name="KeepTestsFor">Reports of tests that are older are deleted; 0 = kept until there are too many.</param>
/// <param name="MostExecutions">Executions of tests kept; beyond that the oldest reports go. About 40 bytes of memory each.</param>
public sealed record RunsConfig(DurationMs KeepFor, long KeepBytes, DurationMs KeepTestsFor, int MostExecutions)
{
    private const int MostExecutionsOfAll = 100_000_000;

    /// <summary>What holds where the file says nothing: 400 days, so that this month can be compared with the same month last year.</summary>
    public static readonly RunsConfig Default = new(DurationMs.FromSeconds(400L * 24 * 3600), 0, DurationMs.FromSeconds(90L * 24 * 3600), 3_000_000);

    /// <summary>Reads the section.</summary>
    public static RunsConfig Load(YamlSection? runs)
    {
        if (runs is null)
        {
            return Default;
        }

        var (keepFor, keepBytes) = StorageConfig.LoadRetention(runs.Section("retention"));
        var (keepTestsFor, mostExecutions) = LoadTests(runs.Section("tests"));
        runs.Finish();
        return new RunsConfig(
            keepFor ?? Default.KeepFor, keepBytes ?? Default.KeepBytes, keepTestsFor ?? Default.KeepTestsFor, mostExecutions ?? Default.MostExecutions);
    }

    private static (DurationMs? KeepFor, int? MostExecutions) LoadTests(YamlSection? tests)
    {
        if (tests is null)
        {
            return default;
        }

        var keepFor = tests.Duration("time");
        var most = tests.Integer("executions", 1, MostExecutionsOfAll);
        tests.Finish();
        return (keepFor, (int?)most);
    }
}
