namespace Flyball.Traces.TraceQL;

/// <summary>Finds the fields an expression, a stage or a query refers to.</summary>
internal static class Fields
{
    public static IEnumerable<Expression> Of(Expression expression) => expression switch
    {
        AttributeField or IntrinsicField => [expression],
        Unary unary => Of(unary.Operand),
        Binary binary => Of(binary.Left).Concat(Of(binary.Right)),
        _ => [],
    };

    public static IEnumerable<Expression> Of(IEnumerable<Stage> stages) => stages.SelectMany(Of);

    /// <summary>Whether the expression can be evaluated from one span alone.</summary>
    public static bool IsLocal(Expression expression) =>
        !Of(expression).Any(f => f is IntrinsicField { Intrinsic: var intrinsic } && Intrinsics.NeedsTrace(intrinsic));

    private static IEnumerable<Expression> Of(Stage stage) => stage switch
    {
        SpansetStage spanset => Of(spanset.Spanset),
        ScalarFilter { Aggregate.Operand: { } operand } => Of(operand),
        GroupBy group => Of(group.By),
        Select select => select.Fields,
        _ => [],
    };

    private static IEnumerable<Expression> Of(SpansetExpression spanset) => spanset switch
    {
        SpansetFilter { Condition: { } condition } => Of(condition),
        SpansetOperation operation => Of(operation.Left).Concat(Of(operation.Right)),
        SpansetPipeline pipeline => Of(pipeline.Stages),
        _ => [],
    };
}
