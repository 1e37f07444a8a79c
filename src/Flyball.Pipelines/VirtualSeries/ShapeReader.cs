using Flyball.Model.Labels;
using Flyball.Pipelines.History;

namespace Flyball.Pipelines.VirtualSeries;

/// <summary>Told a series: its kind, the row with the task attempt that gives its labels (or <see cref="RunRow.Whole"/>), and its stretches.</summary>
internal delegate void SeriesFound(SeriesShape shape, RunRow row, int task, Stretch first, Stretch[]? rest);

/// <summary>Finds the series of one kind that a row gives and that matchers accept.</summary>
internal sealed class ShapeReader
{
    private readonly SeriesShape _shape;
    private readonly IReadOnlyList<(Matcher Matcher, RunColumn Column)> _asked;
    private readonly int _firstSlot;
    private readonly int _ofRun;

    /// <summary>Makes a reader.</summary>
    /// <param name="firstSlot">Number of its first matcher among those of all readers of a query.</param>
    public ShapeReader(SeriesShape shape, IReadOnlyList<(Matcher Matcher, RunColumn Column)> asked, int firstSlot)
    {
        _shape = shape;
        _asked = asked;
        _firstSlot = firstSlot;
        _ofRun = asked.Count(a => !a.Column.IsOfTask());
    }

    public SeriesShape Shape => _shape;

    /// <summary>Tells each series of a row.</summary>
    public void Read(RunRow row, SeriesFound found)
    {
        if (!Accepts(row, RunRow.Whole, 0, _ofRun))
        {
            return;
        }

        if (_shape == SeriesShape.RunDuration)
        {
            Tell(row, RunRow.Whole, Courses.Duration(row.Course), found);
        }
        else if (_shape == SeriesShape.RunFailed)
        {
            Tell(row, RunRow.Whole, Courses.Failed(row.Course), found);
        }
        else if (_shape == SeriesShape.TaskDuration)
        {
            for (var task = 0; task < row.TaskCount; task++)
            {
                if (AcceptsTask(row, task))
                {
                    Tell(row, task, Courses.Duration(row.Task(task).Course), found);
                }
            }
        }
        else
        {
            ReadFailing(row, found);
        }
    }

    private void Tell(RunRow row, int task, Stretch? stretch, SeriesFound found)
    {
        if (stretch is { } only)
        {
            found(_shape, row, task, only, null);
        }
    }

    // Most runs have no failed attempt: they are not looked into any further.
    private void ReadFailing(RunRow row, SeriesFound found)
    {
        var count = row.TaskCount;
        var anyBad = false;
        for (var task = 0; task < count && !anyBad; task++)
        {
            anyBad = row.Task(task).Course.IsBad;
        }

        if (!anyBad)
        {
            return;
        }

        foreach (var attempts in Enumerable.Range(0, count).GroupBy(t => row.Text(RunColumn.Task, t), StringComparer.Ordinal))
        {
            if (AcceptsTask(row, attempts.First()) && Courses.Failing(attempts.Select(row.Task)) is { Count: > 0 } stretches)
            {
                found(_shape, row, attempts.First(), stretches[0], stretches.Count > 1 ? [.. stretches.Skip(1)] : null);
            }
        }
    }

    private bool AcceptsTask(RunRow row, int task) => Accepts(row, task, _ofRun, _asked.Count);

    private bool Accepts(RunRow row, int task, int from, int until)
    {
        for (var i = from; i < until; i++)
        {
            if (!row.Accepts(_asked[i].Matcher, _firstSlot + i, _asked[i].Column, task))
            {
                return false;
            }
        }

        return true;
    }
}
