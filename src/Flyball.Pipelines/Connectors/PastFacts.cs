using Flyball.Model.Runs;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Connectors;

/// <summary>Facts about what ended long ago, read from a list: they belong into the past.</summary>
internal static class PastFacts
{
    private static readonly DurationMs Fresh = DurationMs.FromSeconds(600);

    /// <summary>The fact as it is to be taken now: what ended a while ago counts as known since then, so that nothing reacts to it, and no
    /// counter of today grows by it.</summary>
    public static RunFact Place(RunFact fact, TimestampNs now)
    {
        var end = fact.Life is { } life
            ? life.State == RunState.Finished ? life.FinishedAt ?? fact.SourceTime : now
            : fact.Tasks.Count > 0 && fact.Tasks.All(t => t.Life?.State == RunState.Finished)
                ? fact.Tasks.Max(t => t.Life!.FinishedAt ?? fact.SourceTime)
                : now;
        var isPast = end.Value + ((ulong)Fresh.Value * TimestampNs.PerMs) < now.Value;
        return fact with { ReceivedAt = isPast ? end : now };
    }

    /// <summary>Whether a run's end was placed in the past.</summary>
    public static bool IsPast(PipelineRun run, TimestampNs now) =>
        run.EndKnownAt is { } known && known.Value + ((ulong)Fresh.Value * TimestampNs.PerMs) < now.Value;
}
