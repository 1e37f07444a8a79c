using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>A compiled pipeline: from a whole trace to span sets. Rules: Tempo documentation, "TraceQL".</summary>
internal sealed class Pipeline
{
    private readonly List<Func<EvaluatedTrace, List<Spanset>, List<Spanset>>> _stages = [];
    private readonly Compiler _compiler;

    public Pipeline(IReadOnlyList<Stage> stages, Compiler compiler)
    {
        _compiler = compiler;
        foreach (var stage in stages)
        {
            _stages.Add(Compile(stage));
        }
    }

    /// <summary>The span sets that leave the pipeline; none means the trace is not found.</summary>
    /// <exception cref="TraceQLException">An operator met something it cannot work on.</exception>
    public List<Spanset> Run(EvaluatedTrace trace)
    {
        List<Spanset> sets = [Spanset.Of([.. Enumerable.Range(0, trace.Count)])];
        foreach (var stage in _stages)
        {
            sets = stage(trace, sets);
            if (sets.Count == 0)
            {
                break;
            }
        }

        return sets;
    }

    private Func<EvaluatedTrace, List<Spanset>, List<Spanset>> Compile(Stage stage)
    {
        switch (stage)
        {
            case SpansetStage spanset:
                var operation = new SpansetEvaluator(spanset.Spanset, _compiler);
                return (trace, sets) => operation.Run(trace, sets);
            case ScalarFilter filter:
                var aggregate = new AggregateEvaluator(filter.Aggregate, _compiler);
                return (trace, sets) => Filter(trace, sets, filter, aggregate);
            case GroupBy group:
                var by = _compiler.Compile(group.By);
                return (trace, sets) => Split(trace, sets, by, group.Text);
            case Coalesce:
                return (_, sets) => [Spanset.Of([.. sets.SelectMany(s => s.Spans).Distinct().Order()])];
            default:
                return (_, sets) => sets;
        }
    }

    private static List<Spanset> Filter(EvaluatedTrace trace, List<Spanset> sets, ScalarFilter filter, AggregateEvaluator aggregate)
    {
        var kept = new List<Spanset>();
        foreach (var set in sets)
        {
            var value = aggregate.Run(trace, set.Spans);
            if (!value.IsNil && Operators.Compare(filter.Operator, value, filter.Bound))
            {
                kept.Add(set with { Attributes = [.. set.Attributes, new(filter.Aggregate.Text, value)] });
            }
        }

        return kept;
    }

    private static List<Spanset> Split(EvaluatedTrace trace, List<Spanset> sets, Node by, string text)
    {
        var split = new List<Spanset>();
        foreach (var set in sets)
        {
            foreach (var group in set.Spans.GroupBy(s => GroupKey(by.Evaluate(trace[s]))))
            {
                var key = new KeyValuePair<string, Value>($"by({text})", group.Key);
                split.Add(new Spanset([.. group], [.. set.Attributes, key]));
            }
        }

        return split;
    }

    // Lists have no equality of their own; their text stands for them.
    private static Value GroupKey(Value value) => value.Kind == ValueKind.List ? Value.Of(value.ToString()) : value;
}

/// <summary>Computes <c>count()</c>, <c>avg(…)</c> and their like over a span set.</summary>
internal sealed class AggregateEvaluator(Aggregate aggregate, Compiler compiler)
{
    private readonly Node? _operand = aggregate.Operand is null ? null : compiler.Compile(aggregate.Operand);

    /// <summary>The result; nil when no span has a value.</summary>
    public Value Run(EvaluatedTrace trace, IReadOnlyList<int> spans)
    {
        if (_operand is null)
        {
            return Value.Of((long)spans.Count);
        }

        var values = new List<Value>(spans.Count);
        foreach (var span in spans)
        {
            if (_operand.Evaluate(trace[span]) is { IsNumber: true } value)
            {
                values.Add(value);
            }
        }

        return values.Count == 0 ? Value.Nil : aggregate.Function switch
        {
            "min" => values.MinBy(v => v.Number),
            "max" => values.MaxBy(v => v.Number),
            "sum" => values.Aggregate((a, b) => Operators.Calculate("+", a, b)),
            _ => Average(values),
        };
    }

    private static Value Average(List<Value> values)
    {
        var mean = values.Average(v => v.Number);
        return values[0].Kind == ValueKind.Duration ? Value.OfDuration((long)mean) : Value.Of(mean);
    }
}
