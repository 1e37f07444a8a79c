using Flyball.Model.Runs;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Kubernetes;

/// <summary>What is said of runs whose objects are gone before their end was seen.</summary>
/// <remarks>As weak as an end can be: should the real one become known after all, by an event that was late, it counts.</remarks>
internal static class VanishedFacts
{
    /// <summary>Somebody deleted it while it went on; its pods went with it.</summary>
    /// <param name="last">What the deleted object said at last.</param>
    public static RunFact Deleted(string kind, RunFact last, TimestampNs now)
    {
        var end = new LifeFact
        {
            State = RunState.Finished, Result = RunResult.Cancellation, Message = $"the {kind} was deleted while it ran", FinishedAt = now,
        };
        return new RunFact
        {
            Run = last.Run,
            SourceTime = last.SourceTime,
            ReceivedAt = now,
            Life = last.Life is null ? null : end,
            Tasks = [.. last.Tasks.Where(t => t.Life?.State != RunState.Finished).Select(t => new TaskFact
            {
                Key = t.Key, SourceTime = t.SourceTime, IsStandIn = t.IsStandIn, Life = end,
            })],
        };
    }

    /// <summary>It is not in the cluster any more; how it ended nobody saw.</summary>
    public static RunFact Missing(PipelineRun run, TimestampNs now)
    {
        var end = new LifeFact
        {
            State = RunState.Finished,
            Result = RunResult.Error,
            ErrorType = "Vanished",
            Message = "the run is gone from the cluster, its end was not seen",
            FinishedAt = now,
        };
        return new RunFact
        {
            Run = run.Key,
            SourceTime = run.StartedAt ?? run.CreatedAt ?? new TimestampNs(1),
            ReceivedAt = now,
            Life = end,
            Tasks = [.. run.Tasks.Where(t => t.State != RunState.Finished).Select(t => new TaskFact
            {
                Key = t.Key, SourceTime = t.StartedAt ?? t.CreatedAt ?? new TimestampNs(1), Life = end,
            })],
        };
    }
}
