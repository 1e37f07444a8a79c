using Flyball.Model.Time;

namespace Flyball.Pipelines.Connectors;

/// <summary>Choosing among times of which some are not known.</summary>
internal static class Times
{
    /// <summary>The latest; null if none is known. The last thing an event tells of is as old as its state.</summary>
    public static TimestampNs? Latest(params IEnumerable<TimestampNs?> times)
    {
        TimestampNs? latest = null;
        foreach (var time in times)
        {
            latest = latest is null || time > latest ? time ?? latest : latest;
        }

        return latest;
    }
}
