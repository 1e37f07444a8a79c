using System.Diagnostics;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>A compiled span set expression.</summary>
internal sealed class SpansetEvaluator
{
    private readonly Func<EvaluatedTrace, List<Spanset>, List<Spanset>> _run;

    public SpansetEvaluator(SpansetExpression expression, Compiler compiler) => _run = Compile(expression, compiler);

    /// <summary>Filters the span sets that come in.</summary>
    public List<Spanset> Run(EvaluatedTrace trace, List<Spanset> sets) => _run(trace, sets);

    private static Func<EvaluatedTrace, List<Spanset>, List<Spanset>> Compile(SpansetExpression expression, Compiler compiler)
    {
        switch (expression)
        {
            case SpansetFilter { Condition: null }:
                return (_, sets) => sets;
            case SpansetFilter filter:
                var condition = compiler.Compile(filter.Condition);
                return (trace, sets) => Filter(trace, sets, condition);
            case SpansetPipeline pipeline:
                var inner = new Pipeline(pipeline.Stages, compiler);
                return (trace, _) => inner.Run(trace);
            case SpansetOperation operation:
                var left = Compile(operation.Left, compiler);
                var right = Compile(operation.Right, compiler);
                return (trace, sets) => Combine(operation.Operator, trace, One(left(trace, sets)), One(right(trace, sets)));
            default:
                throw new UnreachableException();
        }
    }

    private static List<Spanset> Filter(EvaluatedTrace trace, List<Spanset> sets, Node condition)
    {
        var kept = new List<Spanset>();
        foreach (var set in sets)
        {
            var spans = new List<int>();
            foreach (var span in set.Spans)
            {
                if (condition.IsTrue(trace[span]))
                {
                    spans.Add(span);
                }
            }

            if (spans.Count > 0)
            {
                kept.Add(set with { Spans = spans });
            }
        }

        return kept;
    }

    private static IReadOnlyList<int> One(List<Spanset> sets) => sets.Count switch
    {
        0 => [],
        1 => sets[0].Spans,
        _ => throw new TraceQLException("an operator between span sets needs one set on each side; put coalesce() behind by()"),
    };

    private static List<Spanset> Combine(string op, EvaluatedTrace trace, IReadOnlyList<int> left, IReadOnlyList<int> right)
    {
        List<int> spans = op switch
        {
            "&&" => left.Count > 0 && right.Count > 0 ? Union(left, right) : [],
            "||" => Union(left, right),
            _ => Structure.Combine(op, trace, left, right),
        };
        return spans.Count == 0 ? [] : [Spanset.Of(spans)];
    }

    private static List<int> Union(IReadOnlyList<int> left, IReadOnlyList<int> right) => [.. left.Union(right).Order()];
}
