using Flyball.Model.Text;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL;

/// <summary>Refuses queries that are well-formed but can mean nothing: Tempo documentation, "TraceQL".</summary>
internal static class Validator
{
    /// <summary>Checks a query; regular expressions are compiled on the way.</summary>
    /// <exception cref="TraceQLException">It is not valid.</exception>
    public static void Check(Query query)
    {
        switch (query)
        {
            case SearchQuery search:
                Check(search.Stages);
                break;
            case MetricsQuery metrics:
                Check(metrics.Stages);
                Check(metrics);
                break;
            case MetricsArithmetic arithmetic:
                Check(arithmetic.Left);
                Check(arithmetic.Right);
                break;
        }
    }

    private static void Check(MetricsQuery metrics)
    {
        if (metrics.Function.Compare?.Selection.Condition is { } condition)
        {
            CheckCondition(condition);
        }

        foreach (var quantile in metrics.Function.Quantiles)
        {
            if (quantile is not (>= 0 and <= 1))
            {
                throw new TraceQLException("a quantile lies between 0 and 1", metrics.Function.Column);
            }
        }

        foreach (var stage in metrics.Then)
        {
            if (stage is { Operator: "topk" or "bottomk", Operand: < 1 })
            {
                throw new TraceQLException($"{stage.Operator} needs at least 1 series", metrics.Function.Column);
            }
        }
    }

    private static void Check(IReadOnlyList<Stage> stages)
    {
        foreach (var stage in stages)
        {
            switch (stage)
            {
                case SpansetStage spanset:
                    Check(spanset.Spanset);
                    break;
                case ScalarFilter { Aggregate: { Operand: { } operand } aggregate }:
                    var type = TypeOf(operand);
                    if (type is not (null or ValueKind.Integer or ValueKind.Float or ValueKind.Duration))
                    {
                        throw new TraceQLException($"{aggregate.Function}() needs a number", operand.Column);
                    }

                    NeedsField(operand, aggregate.Function + "()");
                    break;
                case GroupBy group:
                    TypeOf(group.By);
                    NeedsField(group.By, "by()");
                    break;
            }
        }
    }

    private static void Check(SpansetExpression expression)
    {
        switch (expression)
        {
            case SpansetFilter { Condition: { } condition }:
                CheckCondition(condition);
                break;
            case SpansetOperation operation:
                Check(operation.Left);
                Check(operation.Right);
                break;
            case SpansetPipeline pipeline:
                Check(pipeline.Stages);
                break;
        }
    }

    private static void CheckCondition(Expression condition)
    {
        if (TypeOf(condition) is not (null or ValueKind.Boolean))
        {
            throw new TraceQLException("a span filter must be true or false", condition.Column);
        }
    }

    private static void NeedsField(Expression expression, string where)
    {
        if (!Fields.Of(expression).Any())
        {
            throw new TraceQLException($"{where} must refer to the span", expression.Column);
        }
    }

    // The type of an expression; null for attributes, which have any type.
    private static ValueKind? TypeOf(Expression expression) => expression switch
    {
        Literal literal => literal.Value.Kind,
        IntrinsicField field => Intrinsics.TypeOf(field.Intrinsic),
        Unary unary => TypeOf(unary),
        Binary binary => TypeOf(binary),
        _ => null,
    };

    private static ValueKind? TypeOf(Unary unary)
    {
        var type = TypeOf(unary.Operand);
        var fits = unary.Operator == "!" ? type is null or ValueKind.Boolean : type is null || IsNumber(type);
        return fits
            ? unary.Operator == "!" ? ValueKind.Boolean : type
            : throw new TraceQLException($"'{unary.Operator}' does not go with {Describe(type)}", unary.Column);
    }

    private static ValueKind? TypeOf(Binary binary)
    {
        var left = TypeOf(binary.Left);
        var right = TypeOf(binary.Right);
        switch (binary.Operator)
        {
            case "&&" or "||":
                Require(binary, left is (null or ValueKind.Boolean) && right is (null or ValueKind.Boolean), left, right);
                return ValueKind.Boolean;
            case "=~" or "!~":
                CompileRegex(binary, left);
                return ValueKind.Boolean;
            case "=" or "!=" or "<" or "<=" or ">" or ">=":
                CheckComparison(binary, left, right);
                return ValueKind.Boolean;
            default:
                Require(binary, (left is null || IsNumber(left)) && (right is null || IsNumber(right)), left, right);
                return left is null || right is null ? left ?? right
                    : left == ValueKind.Duration || right == ValueKind.Duration ? ValueKind.Duration
                    : left == ValueKind.Float || right == ValueKind.Float ? ValueKind.Float : ValueKind.Integer;
        }
    }

    private static void CheckComparison(Binary binary, ValueKind? left, ValueKind? right)
    {
        if (left == ValueKind.Nil || right == ValueKind.Nil)
        {
            CheckNil(binary, right == ValueKind.Nil ? binary.Left : binary.Right);
            return;
        }

        var fits = left is null || right is null || left == right || (IsNumber(left) && IsNumber(right));
        var ordered = binary.Operator is "=" or "!=" || !(IsUnordered(left) || IsUnordered(right));
        Require(binary, fits && ordered, left, right);
    }

    private static void CheckNil(Binary binary, Expression other)
    {
        if (binary.Operator is not ("=" or "!="))
        {
            throw new TraceQLException("nil is only equal or unequal", binary.Column);
        }

        var isService = other is AttributeField { Scope: AttributeScope.Resource, Name: "service.name" } && binary.Operator == "=";
        if (other is not AttributeField || isService)
        {
            throw new TraceQLException("only attributes that may be missing are compared with nil", binary.Column);
        }
    }

    private static void CompileRegex(Binary binary, ValueKind? left)
    {
        if (binary.Right is not Literal { Value: { Kind: ValueKind.Text } pattern })
        {
            throw new TraceQLException($"'{binary.Operator}' needs a regular expression in quotes on its right", binary.Column);
        }

        Require(binary, left is null or ValueKind.Text, left, ValueKind.Text);
        try
        {
            binary.Regex = GoRegex.CompileAnchored(pattern.Text);
        }
        catch (RegexSyntaxException e)
        {
            throw new TraceQLException(e.Message, binary.Right.Column);
        }
    }

    private static void Require(Binary binary, bool fits, ValueKind? left, ValueKind? right)
    {
        if (!fits)
        {
            throw new TraceQLException($"'{binary.Operator}' does not go with {Describe(left)} and {Describe(right)}", binary.Column);
        }
    }

    private static bool IsNumber(ValueKind? kind) => kind is ValueKind.Integer or ValueKind.Float or ValueKind.Duration;

    private static bool IsUnordered(ValueKind? kind) => kind is ValueKind.Boolean or ValueKind.Status or ValueKind.Kind;

    private static string Describe(ValueKind? kind) => kind?.ToString().ToLowerInvariant() ?? "an attribute";
}
