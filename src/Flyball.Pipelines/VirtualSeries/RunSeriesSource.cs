using Flyball.Model.Labels;
using Flyball.Model.Runs;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Pipelines.Tracking;

namespace Flyball.Pipelines.VirtualSeries;

/// <summary>Runs as series: durations and failures with every label (commit, branch, run, actor, attempt), at no stored cost.</summary>
/// <remarks>Series are made when they are asked for, from the runs the tracker has. Names and labels: docs/runs.md, "Series".</remarks>
public sealed class RunSeriesSource(RunTracker tracker, TimeProvider time) : ISeriesSource
{
    private const long LongestStretchMs = 60 * 60 * 1000;

    /// <inheritdoc />
    public ISeriesSelection Select(SeriesQuery query, CancellationToken cancellationToken)
    {
        var found = new List<(LabelSet Labels, RunSeries Series)>();
        foreach (var series in Find(query, cancellationToken))
        {
            if (query.SeriesLimit > 0 && found.Count == query.SeriesLimit)
            {
                throw new SeriesLimitException(query.SeriesLimit);
            }

            found.Add((series.Labels.Build(), series));
        }

        found.Sort(static (a, b) => a.Labels.CompareTo(b.Labels));
        return new Selection(found, Visible(query.Range));
    }

    /// <inheritdoc />
    public IReadOnlyList<string> LabelNames(SeriesQuery query, CancellationToken cancellationToken) =>
        [.. Find(query, cancellationToken)
            .SelectMany(s => s.Labels.Build().AsPairs().Select(p => p.Key)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <inheritdoc />
    public IReadOnlyList<string> LabelValues(string labelName, SeriesQuery query, CancellationToken cancellationToken) =>
        [.. Find(query, cancellationToken)
            .Select(s => s.Labels.Build()[labelName]).Where(v => v.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static bool MayOverlap(PipelineRun run, TimeRange range)
    {
        // No sample is before the run began, and none is later than an hour after something in it ended.
        var begin = new TimestampNs(Math.Min(RunBook.BeginOf(run), run.FirstHeardAt.Value)).ToMs().Value;
        if (begin > range.Last.Value)
        {
            return false;
        }

        ulong last = run.FinishedAt?.Value ?? 0;
        foreach (var task in run.Tasks)
        {
            last = Math.Max(last, task.FinishedAt?.Value ?? 0);
        }

        return last > 0 && (long)(last / TimestampNs.PerMs) >= Subtract(range.First.Value, LongestStretchMs);
    }

    private static long Subtract(long value, long by) => value < long.MinValue + by ? long.MinValue : value - by;

    private IEnumerable<RunSeries> Find(SeriesQuery query, CancellationToken cancellationToken)
    {
        var names = SeriesNames.All
            .Where(n => query.Matchers.All(m => m.Name != LabelSet.MetricNameLabel || m.Matches(n))).ToArray();
        var range = Visible(query.Range);
        if (names.Length == 0 || range.IsEmpty)
        {
            yield break;
        }

        foreach (var run in tracker.NewestFirst())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!MayOverlap(run, range))
            {
                continue;
            }

            foreach (var series in names.SelectMany(n => RunSeries.Of(n, run)))
            {
                if (series.Labels.Matches(query.Matchers) && series.Stretches[0].From <= range.Last.Value)
                {
                    yield return series;
                }
            }
        }
    }

    // The future is not known yet, even where a stretch will reach into it.
    private TimeRange Visible(TimeRange range)
    {
        var now = TimestampMs.Now(time);
        return new TimeRange(range.First, range.Last < now ? range.Last : now);
    }

    private sealed class Selection(List<(LabelSet Labels, RunSeries Series)> found, TimeRange range) : ISeriesSelection
    {
        public int Count => found.Count;

        public LabelSet Labels(int index) => found[index].Labels;

        public void Read(int index, SampleColumns destination, CancellationToken cancellationToken) =>
            Stretch.Append(found[index].Series.Stretches, found[index].Series.EndsWithMarker, destination, range);

        public void Dispose()
        {
        }
    }
}
