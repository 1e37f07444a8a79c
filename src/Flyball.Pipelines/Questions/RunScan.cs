using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Pipelines.History;

namespace Flyball.Pipelines.Questions;

/// <summary>The runs a question is about: those begun in a stretch of time that a filter accepts.</summary>
/// <param name="rows">Every run; its owner disposes it.</param>
/// <param name="accepts">The filter.</param>
/// <param name="find">Reads a whole run.</param>
internal sealed class RunScan(RunRows rows, Func<RunRow, bool> accepts, Func<TraceId, PipelineRun?> find)
{
    /// <summary>Inclusive.</summary>
    public required TimestampNs Since { get; init; }

    /// <summary>Exclusive.</summary>
    public required TimestampNs Until { get; init; }

    public required TimestampNs Now { get; init; }

    /// <summary>How many rows an answer has at most.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>The runs asked about, in any order. Rows are cursors: what is kept is copied out of them.</summary>
    public IEnumerable<RunRow> Each() => Begun(Since).Where(accepts);

    /// <summary>Whatever the filter says: all runs begun from a time on, in any order.</summary>
    public IEnumerable<RunRow> Begun(TimestampNs from)
    {
        foreach (var row in rows.Around(from.Value, Until.Value))
        {
            if (row.Begin >= from.Value && row.Begin < Until.Value)
            {
                yield return row;
            }
        }
    }

    /// <summary>The runs asked about, the newest first.</summary>
    public IEnumerable<RunRow> NewestFirst() =>
        rows.NewestFirst().SkipWhile(r => r.Begin >= Until.Value).TakeWhile(r => r.Begin >= Since.Value).Where(accepts);

    /// <summary>Whether a row is asked about.</summary>
    public bool IsAsked(RunRow row) => row.Begin >= Since.Value && accepts(row);

    public PipelineRun? Find(TraceId id) => find(id);

    /// <summary>What is told about runs in every table, read in one pass.</summary>
    public Dictionary<TraceId, RunGlance> Glances(IEnumerable<TraceId> wanted)
    {
        var ids = wanted.ToHashSet();
        var found = new Dictionary<TraceId, RunGlance>();
        foreach (var row in Begun(Since))
        {
            if (ids.Remove(row.TraceId))
            {
                found[row.TraceId] = RunGlance.Of(row);
            }

            if (ids.Count == 0)
            {
                break;
            }
        }

        return found;
    }

    /// <summary>Seconds a run has taken, or has taken so far; null if it never began.</summary>
    public double? SecondsOf(in Course course) => course.FinishedAt is not null
        ? course.Seconds
        : course.StartedAt is { } start && course.Result is null ? Math.Max(0, ((double)Now.Value - start.Value) / 1e9) : null;
}

/// <summary>What is told about a run in every table.</summary>
internal sealed record RunGlance(string Repository, string Pipeline, string Number, string Branch, string Commit, string Outcome, TimestampNs At)
{
    public static RunGlance Of(RunRow row) => new(
        row.Text(RunColumn.Repository), row.Text(RunColumn.Pipeline), row.Text(RunColumn.Number), row.Text(RunColumn.Branch), row.Text(RunColumn.Commit),
        row.Course.Result is null ? row.Value(RunColumn.RunState) : row.Value(RunColumn.RunResult), new TimestampNs(row.Begin));
}
