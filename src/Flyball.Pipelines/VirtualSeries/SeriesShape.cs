using System.Text;
using Flyball.Model.Labels;
using Flyball.Pipelines.History;

namespace Flyball.Pipelines.VirtualSeries;

/// <summary>One kind of virtual series: its name, and the labels its series bear.</summary>
internal sealed class SeriesShape
{
    private static readonly (string Label, RunColumn Column)[] OfRun =
    [
        ("actor", RunColumn.Actor), ("branch", RunColumn.Branch), ("change", RunColumn.Change), ("commit", RunColumn.Commit),
        ("environment", RunColumn.Environment), ("instance", RunColumn.Instance), ("number", RunColumn.Number),
        ("pipeline", RunColumn.Pipeline), ("repository", RunColumn.Repository), ("run_attempt", RunColumn.RunAttempt),
        ("run_id", RunColumn.RunId), ("system", RunColumn.System), ("trace_id", RunColumn.TraceId), ("trigger", RunColumn.Trigger),
    ];

    private static readonly (string Label, RunColumn Column)[] OfTask =
        [("stage", RunColumn.Stage), ("task", RunColumn.Task), ("task_type", RunColumn.TaskType)];

    private SeriesShape(string name, params IEnumerable<(string Label, RunColumn Column)> labels)
    {
        Name = name;
        NameBytes = Encoding.UTF8.GetBytes(name);
        Labels = [.. labels.Select(l => new ShapeLabel(l.Label, Encoding.UTF8.GetBytes(l.Label), l.Column))];
    }

    public static SeriesShape RunDuration { get; } = new(SeriesNames.RunDuration, OfRun.Concat(
        [("attempt", RunColumn.RunAttempt), ("error_type", RunColumn.RunErrorType), ("result", RunColumn.RunResult)]));

    public static SeriesShape RunFailed { get; } = new(SeriesNames.RunFailed, OfRun);

    public static SeriesShape TaskDuration { get; } = new(SeriesNames.TaskDuration, OfRun.Concat(OfTask).Concat(
        [("attempt", RunColumn.TaskAttempt), ("error_type", RunColumn.TaskErrorType), ("result", RunColumn.TaskResult)]));

    public static SeriesShape TaskFailing { get; } = new(SeriesNames.TaskFailing, OfRun.Concat(OfTask));

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SeriesShape> All { get; } = [RunDuration, RunFailed, TaskDuration, TaskFailing];

    public string Name { get; }

    public byte[] NameBytes { get; }

    public IReadOnlyList<ShapeLabel> Labels { get; }

    /// <summary>The column behind a label; null if series of this kind do not bear it.</summary>
    public RunColumn? ColumnOf(string label) => Labels.FirstOrDefault(l => l.Name == label)?.Column;

    /// <summary>What matchers ask of columns; null if no series of this kind can be accepted.</summary>
    public IReadOnlyList<(Matcher Matcher, RunColumn Column)>? Prepare(IReadOnlyList<Matcher> matchers)
    {
        var asked = new List<(Matcher, RunColumn)>();
        foreach (var matcher in matchers)
        {
            if (matcher.Name != LabelSet.MetricNameLabel && ColumnOf(matcher.Name) is { } column)
            {
                asked.Add((matcher, column));
            }
            else if (!matcher.Matches(matcher.Name == LabelSet.MetricNameLabel ? Name : ""))
            {
                return null;
            }
        }

        // Cheap questions about whole runs first.
        return [.. asked.OrderBy(a => a.Item2.IsOfTask())];
    }
}

/// <summary>One label of a kind of series.</summary>
internal sealed record ShapeLabel(string Name, byte[] Utf8, RunColumn Column);
