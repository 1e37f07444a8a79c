using System.Diagnostics;
using Flyball.Traces.Pages;
using Flyball.Traces.TraceQL.Evaluation;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Metrics;

/// <summary>Runs metrics queries over a view of the store: exact, copies of spans counted once.</summary>
/// <param name="exemplars">The most exemplars, unless the query says otherwise.</param>
internal sealed class MetricsExecutor(StoreView view, TimeSlots slots, int exemplars = 0)
{
    /// <summary>The series of a query.</summary>
    /// <exception cref="TraceQLException">The query failed while it ran.</exception>
    public List<MetricSeries> Run(Query query, CancellationToken cancellationToken)
    {
        var most = query.Hints.Exemplars(exemplars);
        var picker = most > 0 ? new ExemplarPicker(most, view) : null;
        var series = Run(query, picker, cancellationToken);
        return picker is null ? series : picker.Trim(series);
    }

    private List<MetricSeries> Run(Query query, ExemplarPicker? picker, CancellationToken cancellationToken) => query switch
    {
        MetricsQuery metrics => Run(metrics, picker, cancellationToken),
        MetricsArithmetic arithmetic => Combine(arithmetic, picker, cancellationToken),
        _ => throw new TraceQLException("a metrics query ends in a function like rate()"),
    };

    private List<MetricSeries> Run(MetricsQuery query, ExemplarPicker? picker, CancellationToken cancellationToken)
    {
        var compiler = new Compiler();
        if (query.Function.Compare is { } comparison)
        {
            var compared = new CompareAccumulator(comparison, compiler, slots);
            VisitTraces(query.Stages, compiler, compared.Add, cancellationToken);
            return [.. compared.Build()];
        }

        var field = query.Function.Field is null ? null : compiler.Compile(query.Function.Field);
        var by = query.Function.By.Select(compiler.Compile).ToArray();
        var groups = new Dictionary<GroupKey, Accumulator>();
        Visit(query, compiler, Take, needsIds: picker is not null, cancellationToken);
        var series = groups.SelectMany(g => g.Value.Build(LabelsOf(query.Function, g.Key)));
        return Then([.. series.OrderBy(s => s.Key, StringComparer.Ordinal)], query.Then);

        void Take(in SpanContext span, int slot) =>
            GroupOf(span, by, groups, query.Function, picker).Add(slot, field?.Evaluate(span) ?? Value.Nil, span);
    }

    private delegate void SlotVisitor(in SpanContext span, int slot);

    // Columns where the function looks at single spans, whole traces where it asks about their relatives.
    private void Visit(MetricsQuery query, Compiler compiler, SlotVisitor visit, bool needsIds, CancellationToken cancellationToken)
    {
        Expression[] fields = [.. query.Function.By, .. query.Function.Field is { } field ? [field] : Array.Empty<Expression>()];
        if (Array.TrueForAll(fields, Fields.IsLocal) && Prefilter.TryOfSpans(query.Stages, out var prefilter))
        {
            var columns = new NeededColumns([.. prefilter.Conditions, .. fields], needsIds ? PageParts.SpanIds : PageParts.None);
            new SpanScan(view, prefilter, columns, compiler, slots.EarliestStart, slots.LatestStart).Run(Take, cancellationToken);
        }
        else
        {
            VisitTraces(query.Stages, compiler, visit, cancellationToken);
        }

        void Take(in SpanContext span)
        {
            if (slots.SlotOf(span.Page.Start[span.Row]) is var slot and >= 0)
            {
                visit(span, slot);
            }
        }
    }

    private void VisitTraces(IReadOnlyList<Stage> stages, Compiler compiler, SlotVisitor visit, CancellationToken cancellationToken)
    {
        var pipeline = new Pipeline(stages, compiler);
        var scan = new TraceScan(view, Prefilter.Of(stages), compiler, slots.EarliestStart, slots.LatestStart);
        foreach (var trace in scan.Traces(_ => false, cancellationToken))
        {
            foreach (var number in pipeline.Run(trace).SelectMany(s => s.Spans).Distinct())
            {
                var span = trace[number];
                if (slots.SlotOf(span.Page.Start[span.Row]) is var slot and >= 0)
                {
                    visit(span, slot);
                }
            }
        }
    }

    private Accumulator GroupOf(
        in SpanContext span, Node[] by, Dictionary<GroupKey, Accumulator> groups, MetricsFunction function, ExemplarPicker? picker)
    {
        var values = new Value[by.Length];
        for (var i = 0; i < by.Length; i++)
        {
            var value = by[i].Evaluate(span);
            values[i] = value.Kind == ValueKind.List ? Value.Of(value.ToString()) : value;
        }

        var key = new GroupKey(values);
        if (!groups.TryGetValue(key, out var group))
        {
            groups[key] = group = new Accumulator(function, slots, picker);
        }

        return group;
    }

    // A missing value is left out; when all are missing the first one stands there as nil.
    private static List<KeyValuePair<string, Value>> LabelsOf(MetricsFunction function, GroupKey key)
    {
        if (function.By.Count == 0)
        {
            return [new("__name__", Value.Of(function.Name))];
        }

        var labels = new List<KeyValuePair<string, Value>>();
        for (var i = 0; i < key.Values.Length; i++)
        {
            if (!key.Values[i].IsNil)
            {
                labels.Add(new(NameOf(function.By[i]), key.Values[i]));
            }
        }

        return labels.Count > 0 ? labels : [new(NameOf(function.By[0]), Value.Nil)];
    }

    private static string NameOf(Expression field) => field switch
    {
        AttributeField attribute => attribute.Text,
        IntrinsicField intrinsic when intrinsic.Text.StartsWith("span:", StringComparison.Ordinal) && intrinsic.Text is not ("span:id" or "span:parentID")
            => intrinsic.Text[5..],
        IntrinsicField intrinsic => intrinsic.Text,
        _ => throw new UnreachableException(),
    };

    private List<MetricSeries> Then(List<MetricSeries> series, IReadOnlyList<SecondStage> stages)
    {
        foreach (var stage in stages)
        {
            if (stage.Operator is "topk" or "bottomk")
            {
                KeepBest(series, (int)Math.Min(stage.Operand, int.MaxValue), stage.Operator == "topk");
            }
            else
            {
                series.ForEach(s => KeepComparing(s.Values, stage));
            }

            series.RemoveAll(s => Array.TrueForAll(s.Values, double.IsNaN));
        }

        return series;
    }

    private void KeepBest(List<MetricSeries> series, int count, bool isTop)
    {
        for (var slot = 0; slot < slots.Count; slot++)
        {
            var present = series.Where(s => !double.IsNaN(s.Values[slot]));
            var ordered = isTop ? present.OrderByDescending(s => s.Values[slot]) : present.OrderBy(s => s.Values[slot]);
            foreach (var loser in ordered.ThenBy(s => s.Key, StringComparer.Ordinal).Skip(count).ToList())
            {
                loser.Values[slot] = double.NaN;
            }
        }
    }

    private static void KeepComparing(double[] values, SecondStage stage)
    {
        foreach (ref var value in values.AsSpan())
        {
            if (!Operators.Compare(stage.Operator, Value.Of(value), Value.Of(stage.Operand)))
            {
                value = double.NaN;
            }
        }
    }

    private List<MetricSeries> Combine(MetricsArithmetic arithmetic, ExemplarPicker? picker, CancellationToken cancellationToken)
    {
        if (arithmetic.Left is MetricsNumber left)
        {
            return [.. Run(arithmetic.Right, picker, cancellationToken).Select(s => Map(s, v => Calculate(arithmetic.Operator, left.Value, v)))];
        }

        if (arithmetic.Right is MetricsNumber right)
        {
            return [.. Run(arithmetic.Left, picker, cancellationToken).Select(s => Map(s, v => Calculate(arithmetic.Operator, v, right.Value)))];
        }

        return Join(arithmetic.Operator, Run(arithmetic.Left, picker, cancellationToken), Run(arithmetic.Right, picker, cancellationToken));
    }

    private static List<MetricSeries> Join(string op, List<MetricSeries> left, List<MetricSeries> right)
    {
        var leftIsOne = left is [{ Key: "" }];
        var rightIsOne = right is [{ Key: "" }];
        var joined = new List<MetricSeries>();
        foreach (var a in left)
        {
            foreach (var b in right)
            {
                if (leftIsOne || rightIsOne || a.Key == b.Key)
                {
                    joined.Add(Zip(op, a, b, rightIsOne ? a : b));
                }
            }
        }

        return joined;
    }

    private static MetricSeries Zip(string op, MetricSeries a, MetricSeries b, MetricSeries labels)
    {
        var values = new double[a.Values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Calculate(op, a.Values[i], b.Values[i]);
        }

        var name = new KeyValuePair<string, Value>("__name__", Value.Of($"({NameOf(a)} {op} {NameOf(b)})"));
        return new MetricSeries([name, .. labels.Labels.Where(l => l.Key != "__name__")], values) { Exemplars = [.. a.Exemplars, .. b.Exemplars] };
    }

    private static string NameOf(MetricSeries series) => series.Labels.FirstOrDefault(l => l.Key == "__name__").Value is { IsNil: false } name ? name.Text : "";

    private static MetricSeries Map(MetricSeries series, Func<double, double> map) => series with { Values = [.. series.Values.Select(map)] };

    private static double Calculate(string op, double a, double b) => op switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        _ => b == 0 ? double.NaN : a / b,
    };

    private readonly struct GroupKey(Value[] values) : IEquatable<GroupKey>
    {
        public Value[] Values { get; } = values;

        public bool Equals(GroupKey other) => Values.AsSpan().SequenceEqual(other.Values);

        public override bool Equals(object? obj) => obj is GroupKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            foreach (var value in Values)
            {
                hash.Add(value);
            }

            return hash.ToHashCode();
        }
    }
}
