using System.Globalization;
using Flyball.Model.Labels;
using Flyball.PromQL.Evaluation;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Functions;

/// <summary><c>histogram_quantile</c>, <c>histogram_quantiles</c>, <c>histogram_fraction</c>: over native histograms, and over
/// classic ones whose buckets are series of their own.</summary>
internal abstract class BucketFunctionNode(VectorNode inner, SourceSpan vectorSpan) : VectorNode
{
    private static readonly LabelProjection WithoutBound = new(["le"], keep: false);

    public override void Run(QueryScope scope, RowSink sink)
    {
        EnsureStack();
        var outputs = Begin(scope);
        var table = new GroupTable();
        var families = new List<Family>();
        var natives = new List<SeriesRow>();
        foreach (var row in inner.Collect(scope))
        {
            if (row.Histograms is not null)
            {
                natives.Add(row);
            }

            if (row.Values.AsSpan().ContainsAnyPresent())
            {
                AddBucket(row, table, families, scope);
            }
        }

        var results = new List<SeriesRow>();
        foreach (var output in outputs)
        {
            foreach (var row in natives)
            {
                AddResult(results, OfNative(row, table, families, output, scope), row.Labels, output, scope);
            }

            for (var i = 0; i < families.Count; i++)
            {
                scope.Budget.ThrowIfDone();
                AddResult(results, OfClassic(families[i], output, scope), families[i].Labels, output, scope);
            }
        }

        Push(scope.Query.DelayNames ? results : ResultShaper.Merge(results), sink);
    }

    /// <summary>Evaluates and checks the scalar arguments.</summary>
    /// <returns>One or more results per histogram.</returns>
    protected abstract List<Output> Begin(QueryScope scope);

    protected abstract double OfNative(Model.Histograms.NativeHistogram histogram, Output output, int step, string metric, QueryScope scope);

    protected abstract double OfClassic(Span<ClassicHistogram.Bucket> buckets, Output output, int step, string metric, QueryScope scope);

    /// <summary>What a text says about a metric, if its name is known.</summary>
    protected static string ForMetric(string metric) => metric.Length == 0 ? "" : " for metric name " + GoQuoting.Quote(metric);

    private static string NameOf(LabelSet labels, QueryScope scope) => scope.Query.DelayNames ? labels.MetricName : "";

    private void AddBucket(SeriesRow row, GroupTable table, List<Family> families, QueryScope scope)
    {
        var text = row.Labels["le"];
        if (!TryParseBound(text, out var bound))
        {
            scope.Annotations.Warn(
                vectorSpan,
                $"bucket label \"le\" is missing or has a malformed value of {GoQuoting.Quote(text)}{ForMetric(row.Labels.MetricName)}");
            return;
        }

        var group = table.Assign(row.Labels, WithoutBound);
        while (families.Count <= group)
        {
            families.Add(new Family(table.KeyOf(families.Count), row.DropName));
        }

        families[group].Add(bound, row.Values);
    }

    private static bool TryParseBound(string text, out double bound)
    {
        switch (text.ToLowerInvariant())
        {
            case "+inf" or "inf" or "+infinity" or "infinity":
                bound = double.PositiveInfinity;
                return true;
            case "-inf" or "-infinity":
                bound = double.NegativeInfinity;
                return true;
            default:
                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out bound);
        }
    }

    private double[] OfNative(SeriesRow row, GroupTable table, List<Family> families, Output output, QueryScope scope)
    {
        var column = scope.NewColumn();
        var group = table.Assign(row.Labels.Encoded);
        var rival = group < families.Count ? families[group] : null;
        for (var step = 0; step < column.Length; step++)
        {
            if (row.HistogramAt(step) is not { } histogram || Absent.Is(output.First[step]))
            {
                continue;
            }

            if (rival is not null && rival.HasAnyAt(step))
            {
                scope.Annotations.Warn(
                    vectorSpan, "vector contains a mix of classic and native histograms" + ForMetric(NameOf(row.Labels, scope)));
                rival.Spoiled[step] = true;
                continue;
            }

            column[step] = Absent.Present(OfNative(histogram, output, step, row.Labels.MetricName, scope));
        }

        return column;
    }

    private double[] OfClassic(Family family, Output output, QueryScope scope)
    {
        var column = scope.NewColumn();
        family.Sort();
        var buckets = new ClassicHistogram.Bucket[family.Bounds.Count];
        for (var step = 0; step < column.Length; step++)
        {
            var count = family.Spoiled[step] || Absent.Is(output.First[step]) ? 0 : family.Gather(step, buckets);
            if (count > 0)
            {
                column[step] = Absent.Present(OfClassic(buckets.AsSpan(0, count), output, step, NameOf(family.Labels, scope), scope));
            }
        }

        return column;
    }

    private static void AddResult(List<SeriesRow> results, double[] column, LabelSet labels, Output output, QueryScope scope)
    {
        if (!column.AsSpan().ContainsAnyPresent())
        {
            return;
        }

        scope.Budget.Hold(column.Length);
        labels = scope.Query.DelayNames ? labels : MetadataLabels.Drop(labels);
        if (output.Label is { } label)
        {
            labels = new LabelSetBuilder().Start(labels).Set(label, output.LabelValue).Build();
        }

        results.Add(new SeriesRow(labels, column) { DropName = true });
    }

    /// <summary>One result asked for per histogram.</summary>
    internal sealed record Output(double[] First, double[] Second)
    {
        /// <summary>The label that tells results apart, or null.</summary>
        public string? Label { get; init; }

        public string LabelValue { get; init; } = "";
    }

    /// <summary>The buckets of one classic histogram: a column per bound.</summary>
    private sealed class Family(LabelSet labels, bool dropName)
    {
        private readonly List<double[]> _columns = [];
        private bool _sorted;

        public LabelSet Labels => labels;

        public bool DropName => dropName;

        public List<double> Bounds { get; } = [];

        /// <summary>Steps at which a native histogram of the same name makes the buckets unusable.</summary>
        public bool[] Spoiled { get; private set; } = [];

        public void Add(double bound, double[] column)
        {
            if (Spoiled.Length == 0)
            {
                Spoiled = new bool[column.Length];
            }

            Bounds.Add(bound);
            _columns.Add(column);
        }

        public bool HasAnyAt(int step) => _columns.Exists(c => !Absent.Is(c[step]));

        public void Sort()
        {
            if (_sorted)
            {
                return;
            }

            var order = Enumerable.Range(0, Bounds.Count).OrderBy(i => Bounds[i]).ToList();
            var (bounds, columns) = (order.ConvertAll(i => Bounds[i]), order.ConvertAll(i => _columns[i]));
            Bounds.Clear();
            Bounds.AddRange(bounds);
            _columns.Clear();
            _columns.AddRange(columns);
            _sorted = true;
        }

        public int Gather(int step, ClassicHistogram.Bucket[] buckets)
        {
            var count = 0;
            for (var i = 0; i < _columns.Count; i++)
            {
                if (!Absent.Is(_columns[i][step]))
                {
                    buckets[count++] = new ClassicHistogram.Bucket(Bounds[i], _columns[i][step]);
                }
            }

            return count;
        }
    }
}

/// <summary><c>histogram_quantile</c>, and with several φ and a label to tell them apart <c>histogram_quantiles</c>.</summary>
internal sealed class HistogramQuantileNode(
    VectorNode inner, SourceSpan vectorSpan, ScalarNode[] quantiles, SourceSpan[] quantileSpans, string? label)
    : BucketFunctionNode(inner, vectorSpan)
{
    private readonly SourceSpan _vectorSpan = vectorSpan;

    protected override List<Output> Begin(QueryScope scope)
    {
        var outputs = new List<Output>();
        for (var i = 0; i < quantiles.Length; i++)
        {
            var q = quantiles[i].Evaluate(scope);
            foreach (var value in q.Distinct().Where(v => !(v >= 0 && v <= 1)))
            {
                scope.Annotations.Warn(quantileSpans[i], Quantiles.OutOfRange(value));
            }

            outputs.AddRange(label is null ? [new Output(q, q)] : ByValue(q, label));
        }

        return outputs;
    }

    protected override double OfNative(Model.Histograms.NativeHistogram histogram, Output output, int step, string metric, QueryScope scope)
    {
        var result = NativeQuantile.Quantile(output.First[step], histogram, out var effect);
        if (effect != NativeQuantile.NaNEffect.None)
        {
            var what = effect == NativeQuantile.NaNEffect.ResultIsNaN ? "result is NaN" : "result is skewed higher";
            scope.Annotations.Inform(_vectorSpan, $"input to histogram_quantile has NaN observations, {what}{ForMetric(metric)}");
        }

        return result;
    }

    protected override double OfClassic(Span<ClassicHistogram.Bucket> buckets, Output output, int step, string metric, QueryScope scope)
    {
        var result = ClassicHistogram.Quantile(output.First[step], buckets, out var repair);
        if (repair.Forced)
        {
            scope.Annotations.ForcedMonotonicity(
                _vectorSpan, metric, scope.Grid.At(step), repair.Lowest, repair.Highest, repair.Difference);
        }

        return result;
    }

    /// <summary>The label carries φ, so a φ that changes from step to step makes several series.</summary>
    private static IEnumerable<Output> ByValue(double[] q, string label)
    {
        foreach (var value in q.Distinct())
        {
            var column = Array.ConvertAll(q, x => x.Equals(value) ? x : Absent.Value);
            yield return new Output(column, column) { Label = label, LabelValue = OpenMetricsNumber(value) };
        }
    }

    private static string OpenMetricsNumber(double value)
    {
        var text = NumberText.FormatGeneral(value);
        return text.AsSpan().IndexOfAny(".eIN") < 0 ? text + ".0" : text;
    }
}

/// <summary><c>histogram_fraction</c>.</summary>
internal sealed class HistogramFractionNode(
    VectorNode inner, SourceSpan vectorSpan, ScalarNode lower, ScalarNode upper)
    : BucketFunctionNode(inner, vectorSpan)
{
    private readonly SourceSpan _vectorSpan = vectorSpan;

    protected override List<Output> Begin(QueryScope scope) => [new Output(lower.Evaluate(scope), upper.Evaluate(scope))];

    protected override double OfNative(Model.Histograms.NativeHistogram histogram, Output output, int step, string metric, QueryScope scope)
    {
        if (output.First[step] < output.Second[step] && NativeQuantile.HasNaNObservations(histogram))
        {
            scope.Annotations.Inform(
                _vectorSpan, "input to histogram_fraction has NaN observations, which are excluded from all fractions" + ForMetric(metric));
        }

        return NativeQuantile.Fraction(output.First[step], output.Second[step], histogram);
    }

    protected override double OfClassic(Span<ClassicHistogram.Bucket> buckets, Output output, int step, string metric, QueryScope scope) =>
        ClassicHistogram.Fraction(output.First[step], output.Second[step], buckets);
}
