using Flyball.Model.Labels;
using Flyball.Model.Runs;

namespace Flyball.Pipelines.VirtualSeries;

/// <summary>The labels of one virtual series, looked up from the run itself: matchers are asked before any label set is built.</summary>
internal sealed class SeriesLabels(string name, PipelineRun run, TaskRun? task, bool withOutcome)
{
    private static readonly string[] RunLabels =
        ["actor", "branch", "change", "commit", "instance", "pipeline", "repository", "run_attempt", "run_id", "system", "trace_id", "trigger"];

    private static readonly string[] TaskLabels = ["stage", "task", "task_type"];

    public bool Matches(IReadOnlyList<Matcher> matchers)
    {
        foreach (var matcher in matchers)
        {
            if (!matcher.Matches(Value(matcher.Name)))
            {
                return false;
            }
        }

        return true;
    }

    public LabelSet Build()
    {
        var builder = new LabelSetBuilder().Set(LabelSet.MetricNameLabel, name);
        foreach (var label in Names())
        {
            builder.Set(label, Value(label));
        }

        return builder.Build();
    }

    private IEnumerable<string> Names()
    {
        IEnumerable<string> names = task is null ? RunLabels : [.. RunLabels, .. TaskLabels];
        return withOutcome ? names.Concat(["attempt", "error_type", "result"]) : names;
    }

    private string Value(string label) => label switch
    {
        LabelSet.MetricNameLabel => name,
        "actor" => run.Actor,
        "branch" => run.Vcs.HeadName ?? "",
        "change" => run.Vcs.ChangeId ?? "",
        "commit" => run.Vcs.Commit ?? "",
        "instance" => run.Key.Instance,
        "pipeline" => run.Pipeline,
        "repository" => run.Vcs.RepositoryUrl ?? "",
        "run_attempt" => $"{run.Key.Attempt}",
        "run_id" => run.Key.Run,
        "system" => run.Key.System,
        "trace_id" => run.TraceId.ToString(),
        "trigger" => run.Trigger,
        "stage" => task?.Stage ?? "",
        "task" => task?.Name ?? "",
        "task_type" => task?.Type ?? "",
        "attempt" when withOutcome => $"{task?.Attempt ?? run.Key.Attempt}",
        "error_type" when withOutcome => task?.ErrorType ?? run.ErrorType,
        "result" when withOutcome => RunWords.Of(task is null ? run.Result : task.Result),
        _ => "",
    };
}
