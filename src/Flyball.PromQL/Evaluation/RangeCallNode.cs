using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.PromQL.Functions;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Evaluation;

/// <summary>A range function over a range selector or a subquery: one series at a time, all steps at once.</summary>
internal sealed class RangeCallNode(
    string name, RangeFunction function, RangePlan range, ScalarNode[] parameters, SourceSpan argumentSpan) : VectorNode
{
    public override bool HasOneName => range.HasOneName;

    public override void Run(QueryScope scope, RowSink sink)
    {
        EnsureStack();
        RangeFunctions.CheckEdges(name, range.Edges);
        var call = new RangeCall(
            range.Timing, range.RangeMs, range.Edges, argumentSpan, Array.ConvertAll(parameters, p => p.Evaluate(scope)))
        {
            OnlyStatistics = range.OnlyStatistics,
        };
        // Once their names are gone, series of different metrics may look the same: an error even where they never meet in time.
        var mayCollide = !scope.Query.DelayNames && !function.KeepsName && !range.HasOneName && name != "absent_over_time";
        var dropsMetadata = mayCollide || !sink.IgnoresMetadata;
        range.Run(
            scope, call, name, mayCollide ? new UniqueSink(sink) : sink, () => new Worker(name, function, call, scope) { DropsMetadata = dropsMetadata, HasOneName = range.HasOneName });
    }

    internal sealed class Worker(string name, RangeFunction function, RangeCall call, QueryScope scope) : SeriesWorker
    {
        private readonly RangeSamples _samples = new();
        private readonly WindowBounds _floats = new();
        private readonly WindowBounds _histograms = new();
        private readonly WindowGeometry _geometry = new();
        private double[]? _spare;
        private RangeFunction? _substitute;
        private LabelSet? _checkedName;

        /// <summary>Whether somebody will see that the name is gone.</summary>
        public bool DropsMetadata { get; init; } = true;

        /// <summary>Whether all series bear one name.</summary>
        public bool HasOneName { get; init; }

        // The name of a counter is checked, once for all series that bear it.
        public override bool NeedsLabels =>
            name is "rate" or "increase" && (_checkedName is null || !HasOneName || scope.Query.Features.TypeAndUnitLabels);

        public override void Recycle(SeriesRow row) => _spare = row.Values;

        public override SeriesRow? Process(LabelSet labels, SampleColumns samples)
        {
            _samples.Load(samples);
            _substitute = samples.AreCounts ? RangeFunctions.SumOverTime : null;
            if (call.OnlyStatistics)
            {
                _samples.ReduceToStatistics();
            }

            return Compute(labels, scope.Query.Features.UseStartTimestamps);
        }

        /// <summary>The row of one series of a subquery.</summary>
        public SeriesRow? Process(SeriesRow row, StepGrid grid)
        {
            _samples.Load(row, grid);
            _substitute = null;
            return Compute(row.Labels, useStarts: false);
        }

        private SeriesRow? Compute(LabelSet labels, bool useStarts)
        {
            var before = call.RangeMs + (call.Edges == EdgeMode.Plain ? 0 : scope.Query.LookbackMs);
            var after = call.Edges == EdgeMode.Smoothed ? scope.Query.LookbackMs : 0;
            _floats.Compute(_samples.FloatTimes, _samples.TimesVersion, scope.Grid, call.Timing, before, after);
            _histograms.Compute(_samples.HistogramTimes, scope.Grid, call.Timing, before, after);
            var row = new SeriesRow(labels, TakeColumn());
            var input = new RangeInput
            {
                Call = call,
                Scope = scope,
                Labels = labels,
                Times = _samples.FloatTimes,
                Values = _samples.Floats,
                Starts = useStarts ? _samples.FloatStarts : default,
                From = _floats.From,
                Until = _floats.Until,
                HistogramTimes = _samples.HistogramTimes,
                Histograms = _samples.Histograms,
                HistogramStarts = useStarts ? _samples.HistogramStarts : default,
                HistogramsFrom = _histograms.From,
                HistogramsUntil = _histograms.Until,
                Geometry = _geometry,
                TimesVersion = _samples.TimesVersion,
            };
            (_substitute ?? function).Evaluate(input, row);
            CountTouched();
            if (!row.HasAny())
            {
                _spare = row.Values;
                return null;
            }

            if (name is "rate" or "increase")
            {
                CheckCounterName(input, row);
            }

            // A function that keeps names keeps those too that a subquery was about to lose: so does Prometheus.
            if (!function.KeepsName)
            {
                row.DropName = true;
                row.Labels = scope.Query.DelayNames || !DropsMetadata ? labels : MetadataLabels.Drop(labels);
            }

            return row;
        }

        private void CountTouched()
        {
            scope.Budget.CountQueryable((_floats.Touched + _histograms.Touched) * scope.Uses);
            for (var step = 0; scope.PerStep is { } counts && step < scope.Grid.Count; step++)
            {
                counts.Add(step, _floats.Until[step] - _floats.From[step] + _histograms.Until[step] - _histograms.From[step]);
            }
        }

        private double[] TakeColumn()
        {
            if (_spare is not { } column)
            {
                return scope.NewColumn();
            }

            _spare = null;
            column.AsSpan().Fill(Absent.Value);
            return column;
        }

        private void CheckCounterName(in RangeInput input, SeriesRow row)
        {
            // Neighbours bear the same name; its text is needed only when it changes.
            if (_checkedName is { } last && !scope.Query.Features.TypeAndUnitLabels
                && input.Labels.TryGet("__name__"u8, out var name) && last.TryGet("__name__"u8, out var lastName) && name.SequenceEqual(lastName))
            {
                return;
            }

            var metric = input.Labels.MetricName;
            if (metric.Length == 0 || !row.Values.AsSpan().ContainsAnyPresent())
            {
                return;
            }

            _checkedName = input.Labels;
            if (scope.Query.Features.TypeAndUnitLabels)
            {
                var type = input.Labels[MetadataLabels.Type];
                if (type is not ("counter" or "histogram"))
                {
                    input.Inform($"metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\", got {GoQuoting.Quote(type)}: {input.QuotedName}");
                }
            }
            else if (!metric.EndsWith("_total", StringComparison.Ordinal) && !metric.EndsWith("_sum", StringComparison.Ordinal)
                && !metric.EndsWith("_count", StringComparison.Ordinal) && !metric.EndsWith("_bucket", StringComparison.Ordinal))
            {
                input.Inform("metric might not be a counter, name does not end in _total/_sum/_count/_bucket: " + input.QuotedName);
            }
        }
    }
}

internal static class ColumnExtensions
{
    /// <summary>Whether any step of a column has no float.</summary>
    public static bool ContainsAnyAbsent(this Span<double> column) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<double, ulong>(column).Contains(Absent.Bits);

    /// <summary>Whether a column has any float.</summary>
    public static bool ContainsAnyPresent(this Span<double> column) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<double, ulong>(column).ContainsAnyExcept(Absent.Bits);
}

/// <summary>Where a range function takes its samples from.</summary>
internal abstract class RangePlan
{
    public required SelectorTiming Timing { get; init; }

    public required long RangeMs { get; init; }

    public virtual EdgeMode Edges => EdgeMode.Plain;

    public virtual bool OnlyStatistics => false;

    public abstract bool HasOneName { get; }

    public abstract void Run(QueryScope scope, RangeCall call, string function, RowSink sink, Func<RangeCallNode.Worker> makeWorker);

    /// <summary>The raw samples of the range at a single point in time: what a bare range selector answers.</summary>
    public abstract List<ResultSeries> ReadRaw(QueryScope scope);
}

/// <summary>A range selector.</summary>
internal sealed class SelectorRangePlan(SelectorPlan plan) : RangePlan
{
    public SelectorPlan Plan => plan;

    public override EdgeMode Edges => plan.Edges;

    public override bool OnlyStatistics => plan.OnlyStatistics;

    public override bool HasOneName => plan.HasOneName;

    public override void Run(QueryScope scope, RangeCall call, string function, RowSink sink, Func<RangeCallNode.Worker> makeWorker)
    {
        var lookback = scope.Query.LookbackMs;
        var before = RangeMs + (Edges == EdgeMode.Plain ? 0 : lookback);
        var after = Edges == EdgeMode.Smoothed ? lookback : 0;
        SeriesScan.Run(scope, Timing.Query(plan, scope, before, after, RangeMs, function), sink, makeWorker);
    }

    public override List<ResultSeries> ReadRaw(QueryScope scope)
    {
        var rows = new List<ResultSeries>();
        var lookback = Edges == EdgeMode.Plain ? 0 : scope.Query.LookbackMs;
        var after = Edges == EdgeMode.Smoothed ? lookback : 0;
        using var selection = scope.Query.Source.Select(
            Timing.Query(plan, scope, RangeMs + lookback, after, RangeMs, ""), scope.Budget.Token);
        scope.Budget.CountSeries(selection.Count);
        using var samples = new SampleColumns();
        for (var i = 0; i < selection.Count; i++)
        {
            scope.Budget.ThrowIfDone();
            samples.Clear();
            selection.Read(i, samples, scope.Budget.Token);
            scope.Budget.CountRead(samples.Count);
            scope.Budget.Hold(samples.Count);
            if (RawRange.Read(selection.Labels(i), samples, Edges, Timing.ReferenceOf(scope.Grid.StartMs), RangeMs) is { } row)
            {
                rows.Add(row);
                scope.Budget.CountQueryable(row.Count);
                scope.PerStep?.Add(0, row.Count);
            }
        }

        return rows;
    }
}

/// <summary>A subquery: its expression is evaluated at absolute multiples of its step.</summary>
internal sealed class SubqueryRangePlan(VectorNode inner, long stepMs) : RangePlan
{
    public override bool HasOneName => false;

    public override void Run(QueryScope scope, RangeCall call, string function, RowSink sink, Func<RangeCallNode.Worker> makeWorker)
    {
        if (TryInnerScope(scope, isCounted: false) is not { } innerScope)
        {
            return;
        }

        var windows = new WindowSink(sink, makeWorker, innerScope);
        inner.Run(innerScope, windows);
    }

    /// <summary>Applies the range function to each row of the inner expression as it comes.</summary>
    private sealed class WindowSink(RowSink next, Func<RangeCallNode.Worker> makeWorker, QueryScope inner) : RowSink
    {
        private readonly RangeCallNode.Worker _worker = makeWorker();

        public override bool OnlyLooks => true;

        public override void Accept(SeriesRow row)
        {
            inner.Budget.ThrowIfDone();
            if (_worker.Process(row, inner.Grid) is not { } result)
            {
                return;
            }

            next.Accept(result);
            if (next.OnlyLooks)
            {
                _worker.Recycle(result);
            }
        }

        public override RowSink Fork() => new WindowSink(next.Fork(), makeWorker, inner);

        public override void Join(RowSink fork) => next.Join(((WindowSink)fork).Next);

        private RowSink Next => next;
    }

    public override List<ResultSeries> ReadRaw(QueryScope scope) =>
        TryInnerScope(scope, isCounted: true) is { } innerScope
            ? [.. inner.Collect(innerScope).Select(row => ResultShaper.ToSeries(row, ResultShaper.TimesOf(innerScope.Grid))).OfType<ResultSeries>()]
            : [];

    private QueryScope? TryInnerScope(QueryScope scope, bool isCounted)
    {
        var (first, last) = Timing.Span(scope.Grid);
        var earliest = first - RangeMs;
        // The first multiple of the step after the open left edge.
        var start = (long)Math.Floor((double)earliest / stepMs) * stepMs;
        while (start <= earliest)
        {
            start += stepMs;
        }

        if (start > last)
        {
            return null;
        }

        var count = ((last - start) / stepMs) + 1;
        if (count > scope.Budget.Limits.MaxSamples)
        {
            throw QueryBudget.TooMany();
        }

        return scope.Inside(new StepGrid(start, stepMs, (int)count), isCounted);
    }
}
