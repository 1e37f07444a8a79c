using Flyball.Model.Runs;

namespace Flyball.Pipelines.VirtualSeries;

/// <summary>Which virtual series have new samples because a run changed.</summary>
internal static class ChangedSeries
{
    public static IReadOnlyList<string> Between(PipelineRun? before, PipelineRun after)
    {
        var names = new List<string>();
        if (EndOf(before) != EndOf(after))
        {
            names.Add(SeriesNames.RunDuration);
            names.Add(SeriesNames.RunFailed);
        }

        if (AnyTaskEndDiffers(before, after))
        {
            names.Add(SeriesNames.TaskDuration);
            names.Add(SeriesNames.TaskFailing);
        }

        return names;
    }

    private static (RunResult?, ulong) EndOf(PipelineRun? run) => (run?.Result, run?.FinishedAt?.Value ?? 0);

    private static bool AnyTaskEndDiffers(PipelineRun? before, PipelineRun after)
    {
        // Mostly a fact brings ends, and how many there are tells; only a mended end needs the look at each.
        var ends = after.Tasks.Count(t => t.FinishedAt is not null);
        if (ends != (before?.Tasks.Count(t => t.FinishedAt is not null) ?? 0))
        {
            return true;
        }

        var known = before?.Tasks.ToDictionary(t => t.Key, t => (t.Result, t.FinishedAt));
        foreach (var task in after.Tasks)
        {
            (RunResult?, Flyball.Model.Time.TimestampNs?) was = default;
            known?.TryGetValue(task.Key, out was);
            if (was != (task.Result, task.FinishedAt))
            {
                return true;
            }
        }

        return false;
    }
}
