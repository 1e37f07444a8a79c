using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Pipelines.Tracking;

namespace Flyball.Pipelines.VirtualSeries;

/// <summary>Runs as series: durations and failures with every label (commit, branch, run, actor, attempt), at no stored cost.</summary>
/// <remarks>Series are made when they are asked for, from the runs in memory and in the history. Names and labels: docs/runs.md, "Series".</remarks>
public sealed class RunSeriesSource(RunTracker tracker, TimeProvider time) : ISeriesSource
{
    /// <inheritdoc />
    public ISeriesSelection Select(SeriesQuery query, CancellationToken cancellationToken)
    {
        var range = Visible(query.Range);
        var maker = new LabelMaker(query.Hints?.KeptLabels);
        var found = new List<Series>();
        Find(query, (shape, row, task, first, rest) =>
        {
            if (query.SeriesLimit > 0 && found.Count == query.SeriesLimit)
            {
                throw new SeriesLimitException(query.SeriesLimit);
            }

            found.Add(new Series(maker.Make(shape, row, task), first, rest));
        }, cancellationToken);
        if (query.Hints?.KeptLabels is null)
        {
            found.Sort(static (a, b) => a.Labels.CompareTo(b.Labels));
        }

        return new Selection(found, range);
    }

    /// <inheritdoc />
    public IReadOnlyList<string> LabelNames(SeriesQuery query, CancellationToken cancellationToken)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        Find(query, (shape, row, task, _, _) =>
        {
            names.Add(LabelSet.MetricNameLabel);
            foreach (var label in shape.Labels)
            {
                if (!names.Contains(label.Name) && row.Value(label.Column, task).Length > 0)
                {
                    names.Add(label.Name);
                }
            }
        }, cancellationToken);
        return [.. names];
    }

    /// <inheritdoc />
    public IReadOnlyList<string> LabelValues(string labelName, SeriesQuery query, CancellationToken cancellationToken)
    {
        var values = new HashSet<string>(StringComparer.Ordinal);
        Find(query, (shape, row, task, _, _) =>
        {
            if (labelName == LabelSet.MetricNameLabel)
            {
                values.Add(shape.Name);
            }
            else if (shape.ColumnOf(labelName) is { } column && row.Value(column, task) is { Length: > 0 } value)
            {
                values.Add(value);
            }
        }, cancellationToken);
        return [.. values.Order(StringComparer.Ordinal)];
    }

    private void Find(SeriesQuery query, SeriesFound found, CancellationToken cancellationToken)
    {
        var range = Visible(query.Range);
        var readers = Readers(query.Matchers);
        if (readers.Count == 0 || range.IsEmpty)
        {
            return;
        }

        // The last sample of a stretch, or the marker behind it, is no later than this after the end that began it.
        var earliest = TimestampNs.From(new TimestampMs(Math.Max(Courses.FailureMs, range.First.Value) - Courses.FailureMs));
        var latest = TimestampNs.From(range.Last);
        SeriesFound foundInRange = (shape, row, task, first, rest) =>
        {
            if (first.From <= range.Last.Value && (rest is null ? first : rest[^1]).Until >= range.First.Value)
            {
                found(shape, row, task, first, rest);
            }
        };
        using var rows = tracker.Rows();
        foreach (var row in rows.Around(earliest.Value, latest.Value))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var reader in readers)
            {
                reader.Read(row, foundInRange);
            }
        }
    }

    private static List<ShapeReader> Readers(IReadOnlyList<Matcher> matchers)
    {
        var readers = new List<ShapeReader>();
        var slots = 0;
        foreach (var shape in SeriesShape.All)
        {
            if (shape.Prepare(matchers) is { } asked)
            {
                readers.Add(new ShapeReader(shape, asked, slots));
                slots += asked.Count;
            }
        }

        return readers;
    }

    // The future is not known yet, even where a stretch will reach into it.
    private TimeRange Visible(TimeRange range)
    {
        var now = TimestampMs.Now(time);
        return new TimeRange(range.First, range.Last < now ? range.Last : now);
    }

    private readonly record struct Series(LabelSet Labels, Stretch First, Stretch[]? Rest);

    private sealed class Selection(List<Series> found, TimeRange range) : ISeriesSelection
    {
        public int Count => found.Count;

        public LabelSet Labels(int index) => found[index].Labels;

        public void Read(int index, SampleColumns destination, CancellationToken cancellationToken)
        {
            var (_, first, rest) = found[index];
            Stretch.Append(first, rest, destination, range);
        }

        public void Dispose()
        {
        }
    }
}
