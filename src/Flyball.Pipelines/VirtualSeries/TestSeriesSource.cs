using System.Globalization;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Pipelines.TestReports;

namespace Flyball.Pipelines.VirtualSeries;

/// <summary>Executions of tests as series: one sample each, at the time of the report, with every label of the run that executed them.</summary>
/// <remarks>Names and labels: docs/runs.md, "Tests".</remarks>
public sealed class TestSeriesSource(TestResults results) : ISeriesSource
{
    /// <summary>How long an execution took, in seconds; skipped ones have none.</summary>
    public const string Duration = "ci_test_duration_seconds";

    /// <summary>1 for an execution that failed, 0 for one that held; skipped ones have none.</summary>
    public const string Failed = "ci_test_failed";

    private static readonly string[] Names = [Duration, Failed];

    private static readonly (string Label, Func<TestReport, Execution, string> Value)[] Labels =
    [
        ("actor", (r, _) => r.Actor), ("attempt", (r, _) => r.Attempt.ToString(CultureInfo.InvariantCulture)), ("branch", (r, _) => r.Branch),
        ("class", (_, e) => e.Test.ClassName), ("commit", (r, _) => r.Commit), ("file", (_, e) => e.Test.File),
        ("number", (r, _) => r.Number), ("pipeline", (r, _) => r.Pipeline), ("repository", (r, _) => r.Repository),
        ("result", (_, e) => TestWords.Of(e.Result)), ("run_id", (r, _) => r.RunId), ("suite", (_, e) => e.Test.Suite),
        ("system", (r, _) => r.System), ("task", (r, _) => r.Task), ("test", (_, e) => e.Test.Name),
        ("trace_id", (r, _) => r.Run.IsZero ? "" : r.Run.ToString()),
    ];

    /// <inheritdoc />
    public ISeriesSelection Select(SeriesQuery query, CancellationToken cancellationToken)
    {
        var kept = query.Hints?.KeptLabels;
        var wanted = Labels.Where(l => kept is null || kept.Contains(l.Label)).ToArray();
        var builder = new LabelSetBuilder();
        var found = new List<Series>();
        foreach (var (name, report, execution) in Find(query, cancellationToken))
        {
            if (query.SeriesLimit > 0 && found.Count == query.SeriesLimit)
            {
                throw new SeriesLimitException(query.SeriesLimit);
            }

            builder.Clear().Set(LabelSet.MetricNameLabel, name);
            foreach (var (label, value) in wanted)
            {
                builder.Set(label, value(report, execution));
            }

            var sample = name == Duration ? execution.Seconds : execution.Result.IsBad() ? 1 : 0;
            found.Add(new Series(builder.Build(), report.At.ToMs().Value, sample));
        }

        if (kept is null)
        {
            found.Sort(static (a, b) => a.Labels.CompareTo(b.Labels));
            Merge(found);
        }

        return new Selection(found);
    }

    /// <inheritdoc />
    public IReadOnlyList<string> LabelNames(SeriesQuery query, CancellationToken cancellationToken)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (_, report, execution) in Find(query, cancellationToken))
        {
            names.Add(LabelSet.MetricNameLabel);
            names.UnionWith(Labels.Where(l => !names.Contains(l.Label) && l.Value(report, execution).Length > 0).Select(l => l.Label));
        }

        return [.. names];
    }

    /// <inheritdoc />
    public IReadOnlyList<string> LabelValues(string labelName, SeriesQuery query, CancellationToken cancellationToken)
    {
        var value = Labels.FirstOrDefault(l => l.Label == labelName).Value;
        return [.. Find(query, cancellationToken)
            .Select(f => labelName == LabelSet.MetricNameLabel ? f.Name : value?.Invoke(f.Report, f.Execution) ?? "")
            .Where(v => v.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    // A report that names a test twice (a retry, a parametrised test without its parameters) gives one sample: the later one.
    private static void Merge(List<Series> sorted)
    {
        var last = 0;
        for (var i = 1; i < sorted.Count; i++)
        {
            last += sorted[i].Labels.Equals(sorted[last].Labels) && sorted[i].At == sorted[last].At ? 0 : 1;
            sorted[last] = sorted[i];
        }

        if (sorted.Count > 0)
        {
            sorted.RemoveRange(last + 1, sorted.Count - last - 1);
        }
    }

    private IEnumerable<(string Name, TestReport Report, Execution Execution)> Find(SeriesQuery query, CancellationToken cancellationToken)
    {
        var names = Names.Where(n => query.Matchers.All(m => m.Name != LabelSet.MetricNameLabel || m.Matches(n))).ToArray();
        if (names.Length == 0)
        {
            yield break;
        }

        foreach (var (report, executions) in results.Reports())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!query.Range.Contains(report.At.ToMs()))
            {
                continue;
            }

            foreach (var execution in executions)
            {
                if (execution.Result == TestVerdict.Skipped || !Accepts(query.Matchers, report, execution))
                {
                    continue;
                }

                foreach (var name in names)
                {
                    yield return (name, report, execution);
                }
            }
        }
    }

    private static bool Accepts(IReadOnlyList<Matcher> matchers, TestReport report, Execution execution)
    {
        foreach (var matcher in matchers)
        {
            if (matcher.Name != LabelSet.MetricNameLabel
                && !matcher.Matches(Labels.FirstOrDefault(l => l.Label == matcher.Name).Value?.Invoke(report, execution) ?? ""))
            {
                return false;
            }
        }

        return true;
    }

    private readonly record struct Series(LabelSet Labels, long At, double Value);

    private sealed class Selection(List<Series> found) : ISeriesSelection
    {
        public int Count => found.Count;

        public LabelSet Labels(int index) => found[index].Labels;

        public void Read(int index, SampleColumns destination, CancellationToken cancellationToken) =>
            destination.Add(found[index].At, found[index].Value);

        public void Dispose()
        {
        }
    }
}
