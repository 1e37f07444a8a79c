using Flyball.Configuration;
using Flyball.Model.Time;

namespace Flyball.Server.Configuration;

/// <summary>The section <c>runs</c>: how long the history of pipeline runs is kept.</summary>
/// <param name="KeepFor">A run that began longer ago may be deleted; 0 = kept for ever.</param>
/// <param name="KeepBytes">Bytes of history beyond which the oldest goes; 0 = any.</param>
public sealed record RunsConfig(DurationMs KeepFor, long KeepBytes)
{
    /// <summary>What holds where the file says nothing: 400 days, so that this month can be compared with the same month last year.</summary>
    public static readonly RunsConfig Default = new(DurationMs.FromSeconds(400L * 24 * 3600), 0);

    /// <summary>Reads the section.</summary>
    public static RunsConfig Load(YamlSection? runs)
    {
        if (runs is null)
        {
            return Default;
        }

        var (keepFor, keepBytes) = StorageConfig.LoadRetention(runs.Section("retention"));
        runs.Finish();
        return new RunsConfig(keepFor ?? Default.KeepFor, keepBytes ?? Default.KeepBytes);
    }
}
