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
