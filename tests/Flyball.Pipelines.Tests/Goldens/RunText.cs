using System.Globalization;
using System.Text;
using Flyball.Model.Runs;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Tests.Goldens;

/// <summary>A run as a person reads it, everything in it, one thing per line.</summary>
internal static class RunText
{
    public static string Of(PipelineRun run)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"run {run.Key} trace {run.TraceId} span {run.SpanId}\n");
        Line(text, 2, ("pipeline", run.Pipeline), ("number", run.Number), ("state", RunWords.Of(run.State)), ("result", RunWords.Of(run.Result)),
            ("error", run.ErrorType), ("message", run.Message));
        Line(text, 2, ("created", Time(run.CreatedAt)), ("started", Time(run.StartedAt)), ("finalizing", Time(run.FinalizingAt)),
            ("finished", Time(run.FinishedAt)));
        Line(text, 2, ("actor", run.Actor), ("trigger", run.Trigger), ("environment", run.Environment), ("parent", run.Parent?.ToString()),
            ("links", string.Join(' ', run.Links)));
        Line(text, 2, ("url", run.Url));
        Line(text, 2, ("repository", run.Vcs.RepositoryUrl), ("owner", run.Vcs.Owner), ("name", run.Vcs.RepositoryName), ("provider", run.Vcs.Provider));
        Line(text, 2, (run.Vcs.HeadType ?? "head", run.Vcs.HeadName), ("commit", run.Vcs.Commit), ("base", run.Vcs.BaseName),
            ("change", run.Vcs.ChangeId), ("title", run.Vcs.ChangeTitle), ("message", run.Vcs.CommitTitle));
        Attributes(text, 2, run.Attributes);
        foreach (var task in run.Tasks)
        {
            Add(text, task);
        }

        return text.ToString().TrimEnd('\n');
    }

    private static void Add(StringBuilder text, TaskRun task)
    {
        text.Append(CultureInfo.InvariantCulture, $"  task {task.Name} id {task.Key.Id}/{task.Key.Attempt} span {task.SpanId}\n");
        Line(text, 4, ("attempt", $"{task.Attempt}"), ("stage", task.Stage), ("type", task.Type), ("state", RunWords.Of(task.State)),
            ("result", RunWords.Of(task.Result)), ("soft", task.SoftFail ? "yes" : ""), ("error", task.ErrorType), ("exit", $"{task.ExitCode}"),
            ("message", task.Message));
        Line(text, 4, ("created", Time(task.CreatedAt)), ("started", Time(task.StartedAt)), ("finished", Time(task.FinishedAt)),
            ("worker", task.Worker));
        Line(text, 4, ("url", task.Url));
        Attributes(text, 4, task.Attributes);
        foreach (var step in task.Steps)
        {
            Line(text, 4, ("step", step.Id), ("name", step.Name), ("span", step.SpanId.ToString()), ("state", RunWords.Of(step.State)),
                ("result", RunWords.Of(step.Result)), ("error", step.ErrorType), ("exit", $"{step.ExitCode}"), ("started", Time(step.StartedAt)),
                ("finished", Time(step.FinishedAt)));
        }
    }

    private static void Attributes(StringBuilder text, int indent, IReadOnlyDictionary<string, string> attributes) =>
        Line(text, indent, [.. attributes.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => (a.Key, (string?)a.Value))]);

    private static void Line(StringBuilder text, int indent, params (string Name, string? Value)[] facts)
    {
        var known = facts.Where(f => !string.IsNullOrEmpty(f.Value)).Select(f => $"{f.Name} {Cut(f.Value!)}").ToArray();
        if (known.Length > 0)
        {
            text.Append(' ', indent).AppendJoin(" · ", known).Append('\n');
        }
    }

    private static string Cut(string value)
    {
        var line = value.ReplaceLineEndings("⏎");
        return line.Length <= 120 ? line : line[..120] + "…";
    }

    private static string Time(TimestampNs? time) => time?.ToMs().ToString() ?? "";
}
