using Flyball.Model.Runs;
using Flyball.Model.Time;

namespace Flyball.Pipelines.VirtualSeries;

/// <summary>One virtual series: its labels, and the stretches its samples are made from.</summary>
internal sealed record RunSeries(SeriesLabels Labels, IReadOnlyList<Stretch> Stretches, bool EndsWithMarker)
{
    /// <summary>How long a failure stays of interest if nothing comes after it.</summary>
    private const long FailureMs = 60 * 60 * 1000;

    /// <summary>How long an "all is well again" is told.</summary>
    private const long HealedMs = 5 * 60 * 1000;

    /// <summary>The series of one name that a run gives.</summary>
    public static IEnumerable<RunSeries> Of(string name, PipelineRun run) => name switch
    {
        SeriesNames.RunDuration => RunDuration(run),
        SeriesNames.RunFailed => RunFailed(run),
        SeriesNames.TaskDuration => run.Tasks.SelectMany(t => TaskDuration(run, t)),
        SeriesNames.TaskFailing => run.Tasks.GroupBy(t => t.Name, StringComparer.Ordinal).SelectMany(g => TaskFailing(run, [.. g])),
        _ => [],
    };

    private static IEnumerable<RunSeries> RunDuration(PipelineRun run)
    {
        if (run is { FinishedAt: { } end, StartedAt: { } start } && run.Result != RunResult.Skip)
        {
            var at = Seen(end, run.EndKnownAt);
            yield return new RunSeries(
                new SeriesLabels(SeriesNames.RunDuration, run, task: null, withOutcome: true), [new Stretch(at, at, Seconds(start, end))], false);
        }
    }

    private static IEnumerable<RunSeries> RunFailed(PipelineRun run)
    {
        if (run is { FinishedAt: { } end, Result: { } result } && result != RunResult.Skip)
        {
            var at = Seen(end, run.EndKnownAt);
            var stretch = result.IsBad() ? new Stretch(at, at + FailureMs, 1) : new Stretch(at, at + HealedMs, 0);
            yield return new RunSeries(new SeriesLabels(SeriesNames.RunFailed, run, task: null, withOutcome: false), [stretch], true);
        }
    }

    private static IEnumerable<RunSeries> TaskDuration(PipelineRun run, TaskRun task)
    {
        if (task is { FinishedAt: { } end, StartedAt: { } start } && task.Result != RunResult.Skip)
        {
            var at = Seen(end, task.EndKnownAt);
            yield return new RunSeries(
                new SeriesLabels(SeriesNames.TaskDuration, run, task, withOutcome: true), [new Stretch(at, at, Seconds(start, end))], false);
        }
    }

    /// <summary>1 from the end of a failed attempt, 0 from the end of a good one after it; nothing for a task that never failed.</summary>
    private static IEnumerable<RunSeries> TaskFailing(PipelineRun run, TaskRun[] attempts)
    {
        var stretches = new List<Stretch>();
        foreach (var task in attempts.Where(t => t.FinishedAt is not null && !t.SoftFail).OrderBy(t => t.Attempt).ThenBy(t => t.FinishedAt!.Value.Value))
        {
            var bad = task.Result is { } result && result.IsBad();
            if (!bad && (task.Result != RunResult.Success || stretches.Count == 0))
            {
                continue;
            }

            var at = Seen(task.FinishedAt!.Value, task.EndKnownAt);
            if (stretches.Count > 0)
            {
                // Attempts that overlap or whose clocks disagree still give rising times.
                at = Math.Max(at, stretches[^1].From + 1);
                stretches[^1] = stretches[^1] with { Until = Math.Min(stretches[^1].Until, at) };
            }

            stretches.Add(bad ? new Stretch(at, at + FailureMs, 1) : new Stretch(at, at + HealedMs, 0));
        }

        if (stretches.Count > 0)
        {
            yield return new RunSeries(new SeriesLabels(SeriesNames.TaskFailing, run, attempts[0], withOutcome: false), stretches, true);
        }
    }

    // A sender's clock may be ahead of ours; a sample in the future would not be found by the rule that its arrival wakes.
    private static long Seen(TimestampNs end, TimestampNs? knownAt) =>
        Math.Min(end.ToMs().Value, knownAt is { } known ? known.ToMs().Value : long.MaxValue);

    private static double Seconds(TimestampNs start, TimestampNs end) => end > start ? (end.Value - start.Value) / 1e9 : 0;
}
