using Flyball.Model.Runs;

namespace Flyball.Pipelines.Questions;

/// <summary>What is different between two runs of a pipeline, in words.</summary>
internal static class RunDifference
{
    private const int MostAttributes = 5;

    /// <summary>Tasks whose last attempt ended badly.</summary>
    public static IEnumerable<string> FailedTasks(PipelineRun run) =>
        LastAttempts(run).Where(t => t.Result is { } result && result.IsBad()).Select(t => t.ErrorType.Length > 0 ? $"{t.Name} ({t.ErrorType})" : t.Name);

    /// <summary>Who and what set them off, the title of the new commit, tasks that came and went, workers, further facts.</summary>
    public static IEnumerable<string> Between(PipelineRun before, PipelineRun after)
    {
        if (before.Vcs.Commit == after.Vcs.Commit)
        {
            yield return "the same commit";
        }
        else if (!string.IsNullOrEmpty(after.Vcs.CommitTitle))
        {
            yield return $"commit \"{after.Vcs.CommitTitle}\"";
        }

        foreach (var (name, was, became) in new[]
            {
                ("actor", before.Actor, after.Actor), ("trigger", before.Trigger, after.Trigger), ("environment", before.Environment, after.Environment),
            })
        {
            if (was != became)
            {
                yield return Change(name, was, became);
            }
        }

        var (had, has) = (LastAttempts(before).ToDictionary(t => t.Name), LastAttempts(after).ToDictionary(t => t.Name));
        foreach (var name in has.Keys.Except(had.Keys))
        {
            yield return $"task {name} is new";
        }

        foreach (var name in had.Keys.Except(has.Keys))
        {
            yield return $"task {name} is gone";
        }

        foreach (var task in has.Values.Where(t => t.Result is { } result && result.IsBad()))
        {
            if (had.TryGetValue(task.Name, out var then) && then.Worker != task.Worker)
            {
                yield return Change($"worker of {task.Name}", then.Worker, task.Worker);
            }
        }

        foreach (var (key, value) in after.Attributes.Where(a => before.Attributes.TryGetValue(a.Key, out var was) && was != a.Value).Take(MostAttributes))
        {
            yield return Change(key, before.Attributes[key], value);
        }
    }

    private static IEnumerable<TaskRun> LastAttempts(PipelineRun run) =>
        run.Tasks.GroupBy(t => t.Name, StringComparer.Ordinal).Select(g => g.MaxBy(t => t.Attempt)!);

    private static string Change(string name, string was, string became) => $"{name} {Word(was)} -> {Word(became)}";

    private static string Word(string text) => text.Length == 0 ? "none" : text;
}
