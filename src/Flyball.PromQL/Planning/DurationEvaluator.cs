using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Planning;

/// <summary>Computes duration expressions for one query: <c>step()</c> and <c>range()</c> are known then.</summary>
internal sealed class DurationEvaluator(long queryStartMs, long queryEndMs, long stepMs)
{
    public long QueryStartMs => queryStartMs;

    public long QueryEndMs => queryEndMs;

    public double StepSeconds => stepMs / 1000.0;

    public double RangeSeconds => (queryEndMs - queryStartMs) / 1000.0;

    /// <summary>A range or step: the literal, or the expression, which must be above zero.</summary>
    public long Length(long literalMs, Node? expression)
    {
        if (expression is null)
        {
            return literalMs;
        }

        var ms = Compute(expression);
        return ms > 0 ? ms : throw new PromQLQueryException(QueryFailure.Execution, "duration must be greater than 0");
    }

    /// <summary>An offset: the literal, or the expression.</summary>
    public long Offset(long literalMs, Node? expression) => expression is null ? literalMs : Compute(expression);

    private long Compute(Node expression)
    {
        var seconds = Seconds(expression);
        if (!(Math.Abs(seconds) < 9.2e9))
        {
            throw new PromQLQueryException(QueryFailure.Execution, "duration is out of range");
        }

        return (long)Math.Round(seconds * 1e9) / 1_000_000;
    }

    private double Seconds(Node node)
    {
        if (node is NumberLiteral number)
        {
            return number.Value;
        }

        var expression = (DurationExpression)node;
        var left = expression.Left is null ? 0 : Seconds(expression.Left);
        var right = expression.Right is null ? 0 : Seconds(expression.Right);
        switch (expression.Operator)
        {
            case TokenKind.Step:
                return StepSeconds;
            case TokenKind.Range:
                return RangeSeconds;
            case TokenKind.MinOf:
                return Math.Min(left, right);
            case TokenKind.MaxOf:
                return Math.Max(left, right);
            case TokenKind.Div or TokenKind.Mod when right == 0:
                var what = expression.Operator == TokenKind.Div ? "division" : "modulo";
                throw new PromQLQueryException(QueryFailure.Execution, what + " by zero");
            default:
                return Evaluation.Operators.Compute(expression.Operator, left, right);
        }
    }
}
