using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL;

/// <summary>An expression over the fields of one span.</summary>
/// <param name="Column">Where it begins in the query, for messages.</param>
internal abstract record Expression(int Column);

/// <summary>A constant.</summary>
internal sealed record Literal(Value Value, int Column) : Expression(Column);

/// <summary>An attribute, e.g. <c>span.x</c>.</summary>
internal sealed record AttributeField(AttributeScope Scope, string Name, int Column) : Expression(Column)
{
    /// <summary>As it is written in a query.</summary>
    public string Text => (Scope == AttributeScope.Any ? "" : Scope.ToString().ToLowerInvariant()) + "." + Name;
}

/// <summary>A field every span has.</summary>
internal sealed record IntrinsicField(Intrinsic Intrinsic, string Text, int Column) : Expression(Column);

/// <summary>Minus or not.</summary>
internal sealed record Unary(string Operator, Expression Operand, int Column) : Expression(Column);

/// <summary>Two operands.</summary>
internal sealed record Binary(string Operator, Expression Left, Expression Right, int Column) : Expression(Column)
{
    /// <summary>Set by the validator for <c>=~</c> and <c>!~</c>.</summary>
    public Flyball.Model.Text.GoRegex? Regex { get; set; }
}

/// <summary>Something that yields span sets of a trace.</summary>
internal abstract record SpansetExpression;

/// <summary><c>{ … }</c>; null accepts every span.</summary>
internal sealed record SpansetFilter(Expression? Condition) : SpansetExpression;

/// <summary>Two span sets combined.</summary>
internal sealed record SpansetOperation(string Operator, SpansetExpression Left, SpansetExpression Right) : SpansetExpression;

/// <summary><c>( pipeline )</c>.</summary>
internal sealed record SpansetPipeline(IReadOnlyList<Stage> Stages) : SpansetExpression;

/// <summary>A stage of a pipeline.</summary>
internal abstract record Stage;

/// <summary>Span sets, or a further filter on those of the stages before.</summary>
internal sealed record SpansetStage(SpansetExpression Spanset) : Stage;

/// <summary><c>count() > 2</c>.</summary>
internal sealed record ScalarFilter(Aggregate Aggregate, string Operator, Value Bound) : Stage;

/// <summary><c>by(expr)</c>.</summary>
internal sealed record GroupBy(Expression By, string Text) : Stage;

/// <summary><c>coalesce()</c>.</summary>
internal sealed record Coalesce : Stage;

/// <summary><c>select(a, b)</c>.</summary>
internal sealed record Select(IReadOnlyList<Expression> Fields) : Stage;

/// <summary><c>avg(duration)</c>; count has no operand.</summary>
internal sealed record Aggregate(string Function, Expression? Operand, string Text);

/// <summary>A whole query: a search or a metrics query.</summary>
internal abstract record Query
{
    /// <summary>What stands in <c>with(…)</c>.</summary>
    public Hints Hints { get; init; } = Hints.None;
}

/// <summary>A pipeline that finds traces.</summary>
internal sealed record SearchQuery(IReadOnlyList<Stage> Stages) : Query;

/// <summary>A pipeline that ends in a metrics function.</summary>
internal sealed record MetricsQuery(IReadOnlyList<Stage> Stages, MetricsFunction Function, IReadOnlyList<SecondStage> Then) : Query;

/// <summary>Arithmetic between metrics queries and numbers.</summary>
internal sealed record MetricsArithmetic(string Operator, Query Left, Query Right) : Query;

/// <summary>A number in metrics arithmetic.</summary>
internal sealed record MetricsNumber(double Value, bool IsInteger) : Query;

/// <summary><c>rate() by (a)</c> and its like.</summary>
internal sealed record MetricsFunction(
    string Name, Expression? Field, IReadOnlyList<double> Quantiles, IReadOnlyList<Expression> By, Comparison? Compare, int Column);

/// <summary>The parameters of <c>compare({ selection }, topN, start, end)</c>.</summary>
/// <param name="TopN">Most values shown per attribute.</param>
/// <param name="From">Nanoseconds; spans that start before are never selected. 0 with <paramref name="Until"/> 0 = any time.</param>
/// <param name="Until">Nanoseconds; spans that start here or later are never selected.</param>
internal sealed record Comparison(SpansetFilter Selection, int TopN, ulong From, ulong Until);

/// <summary><c>topk(n)</c>, <c>bottomk(n)</c>, or a comparison with a number.</summary>
internal sealed record SecondStage(string Operator, double Operand);
