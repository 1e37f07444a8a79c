using System.Runtime.CompilerServices;
using Flyball.Model.Labels;

namespace Flyball.PromQL.Syntax;

/// <summary>Checks that the parts of a query fit: types of arguments and operands, rules of matching, matchers that match something.</summary>
internal sealed class TypeChecker(ReadOnlyMemory<byte> text, List<(SourceSpan Span, string Message)> problems)
{
    public void Check(Node node)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            Report(node.Span, "expression is nested too deeply");
            return;
        }

        switch (node)
        {
            case Aggregation aggregation:
                CheckAggregation(aggregation);
                break;
            case BinaryOperation:
                CheckChain(node);
                break;
            case Call call:
                CheckCall(call);
                break;
            case Parenthesis parenthesis:
                Check(parenthesis.Inner);
                break;
            case UnaryOperation unary:
                Check(unary.Inner);
                CheckSigned(unary);
                break;
            case Subquery subquery:
                Check(subquery.Inner);
                if (subquery.Inner.Kind != ValueKind.Vector)
                {
                    Report(node.Span, $"subquery is only allowed on instant vector, got {subquery.Inner.Kind.Name()} instead");
                }

                break;
            case MatrixSelector matrix:
                Check(matrix.Inner);
                break;
            case VectorSelector selector:
                CheckSelector(selector);
                break;
            default:
                break;
        }
    }

    private void Report(SourceSpan span, string message) => problems.Add((span, message));

    private void Expect(Node node, ValueKind wanted, string context)
    {
        Check(node);
        if (node.Kind != wanted)
        {
            Report(node.Span, $"expected type {wanted.Documented()} in {context}, got {node.Kind.Documented()}");
        }
    }

    private void CheckSigned(UnaryOperation unary)
    {
        if (unary.Inner.Kind is not (ValueKind.Scalar or ValueKind.Vector))
        {
            var kind = GoQuoting.Quote(unary.Inner.Kind.Documented());
            Report(unary.Span, $"unary expression only allowed on expressions of type scalar or instant vector, got {kind}");
        }
    }

    private void CheckAggregation(Aggregation aggregation)
    {
        Expect(aggregation.Inner!, ValueKind.Vector, "aggregation expression");
        if (aggregation.Parameter is { } parameter)
        {
            var wanted = aggregation.Operator == TokenKind.CountValues ? ValueKind.String : ValueKind.Scalar;
            Expect(parameter, wanted, "aggregation parameter");
        }
    }

    /// <summary>Left-deep chains of operators are walked in a loop: generated queries make them thousands long.</summary>
    private void CheckChain(Node top)
    {
        var chain = new Stack<BinaryOperation>();
        var node = top;
        while (node is BinaryOperation binary)
        {
            chain.Push(binary);
            node = binary.Left;
        }

        Check(node);
        foreach (var binary in chain)
        {
            Check(binary.Right);
            CheckBinary(binary);
        }
    }

    private void CheckBinary(BinaryOperation node)
    {
        var op = node.Operator;
        var left = node.Left.Kind;
        var right = node.Right.Kind;
        var matching = node.Matching!;
        if (node.ReturnBool && !op.IsComparison())
        {
            Report(OperatorSpan(node), "bool modifier can only be used on comparison operators");
        }

        if (op.IsComparison() && !node.ReturnBool && left == ValueKind.Scalar && right == ValueKind.Scalar)
        {
            Report(OperatorSpan(node), "comparisons between scalars must use BOOL modifier");
        }

        if (op.IsSetOperator() && matching.Cardinality == MatchCardinality.OneToOne)
        {
            matching.Cardinality = MatchCardinality.ManyToMany;
        }

        foreach (var label in matching.On ? matching.Labels.Intersect(matching.Include) : [])
        {
            Report(OperatorSpan(node), $"label {GoQuoting.Quote(label)} must not occur in ON and GROUP clause at once");
        }

        foreach (var side in (Node[])[node.Left, node.Right])
        {
            if (side.Kind is not (ValueKind.Scalar or ValueKind.Vector))
            {
                Report(side.Span, "binary expression must contain only scalar and instant vector types");
            }
        }

        if (left != ValueKind.Vector || right != ValueKind.Vector)
        {
            CheckNoMatching(node, matching);
        }
        else if (op.IsSetOperator())
        {
            CheckSetMatching(node, matching);
        }

        if (op.IsSetOperator() && (left == ValueKind.Scalar || right == ValueKind.Scalar))
        {
            Report(node.Span, $"set operator {GoQuoting.Quote(op.Text())} not allowed in binary scalar expression");
        }
    }

    private void CheckNoMatching(BinaryOperation node, VectorMatching matching)
    {
        if (matching.Labels.Count > 0)
        {
            Report(node.Span, "vector matching only allowed between instant vectors");
        }

        if ((matching.FillLeft ?? matching.FillRight) is not null)
        {
            Report(node.Span, "filling in missing series only allowed between instant vectors");
        }

        node.Matching = null;
    }

    private void CheckSetMatching(BinaryOperation node, VectorMatching matching)
    {
        if (matching.Cardinality is MatchCardinality.OneToMany or MatchCardinality.ManyToOne)
        {
            Report(node.Span, $"no grouping allowed for {GoQuoting.Quote(node.Operator.Text())} operation");
            Report(node.Span, "set operations must always be many-to-many");
        }

        if ((matching.FillLeft ?? matching.FillRight) is not null)
        {
            Report(node.Span, "filling in missing series not allowed for set operators");
        }
    }

    private SourceSpan OperatorSpan(BinaryOperation node)
    {
        var bytes = text.Span;
        var start = node.Left.Span.End;
        while (start < bytes.Length && IsSpace(bytes[start]))
        {
            start++;
        }

        var end = node.Right.Span.Start - 1;
        while (end > start && IsSpace(bytes[end]))
        {
            end--;
        }

        return new SourceSpan(start, end);
    }

    private static bool IsSpace(byte c) => c is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r';

    private void CheckCall(Call call)
    {
        var function = call.Function;
        var given = call.Arguments.Count;
        var name = GoQuoting.Quote(function.Name);
        if (function.Variadic == 0)
        {
            if (given != function.Arguments.Length)
            {
                Report(call.Span, $"expected {function.Arguments.Length} argument(s) in call to {name}, got {given}");
            }
        }
        else
        {
            var least = function.Arguments.Length - 1;
            var most = least + function.Variadic;
            if (given < least)
            {
                Report(call.Span, $"expected at least {least} argument(s) in call to {name}, got {given}");
            }
            else if (function.Variadic > 0 && given > most)
            {
                Report(call.Span, $"expected at most {most} argument(s) in call to {name}, got {given}");
            }
        }

        if (function.Name == "info" && given > 1)
        {
            CheckDataLabels(call.Arguments[1]);
        }

        for (var i = 0; i < given; i++)
        {
            if (i >= function.Arguments.Length && function.Variadic == 0)
            {
                break;
            }

            var wanted = function.Arguments[Math.Min(i, function.Arguments.Length - 1)];
            Expect(call.Arguments[i], wanted, "call to function " + name);
        }
    }

    private void CheckDataLabels(Node argument)
    {
        if (argument is not VectorSelector selector)
        {
            Report(argument.Span, "expected label selectors only");
        }
        else if (selector.Name.Length > 0)
        {
            Report(argument.Span, "expected label selectors only, got vector selector instead");
        }
        else
        {
            selector.MayBeEmpty = true;
        }
    }

    private void CheckSelector(VectorSelector selector)
    {
        if (selector.Name.Length > 0)
        {
            foreach (var matcher in selector.Matchers.Take(selector.Matchers.Count - 1))
            {
                if (matcher.Name == LabelSet.MetricNameLabel)
                {
                    Report(selector.Span, $"metric name must not be set twice: {GoQuoting.Quote(selector.Name)} or {GoQuoting.Quote(matcher.Value)}");
                }
            }
        }
        else if (!selector.MayBeEmpty && selector.Matchers.TrueForAll(m => m.MatchesEmpty))
        {
            Report(selector.Span, "vector selector must contain at least one non-empty matcher");
        }
    }
}
