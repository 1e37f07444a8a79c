using Flyball.Model.Histograms;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Evaluation;

/// <summary>What binary operators do with two values.</summary>
internal static class Operators
{
    public static double Compute(TokenKind op, double a, double b) => op switch
    {
        TokenKind.Add => a + b,
        TokenKind.Sub => a - b,
        TokenKind.Mul => a * b,
        TokenKind.Div => a / b,
        TokenKind.Mod => a % b,
        TokenKind.Pow => Power(a, b),
        _ => Math.Atan2(a, b),
    };

    public static bool Holds(TokenKind op, double a, double b) => op switch
    {
        TokenKind.EqualTo => a == b,
        TokenKind.NotEqual => a != b,
        TokenKind.Less => a < b,
        TokenKind.LessOrEqual => a <= b,
        TokenKind.Greater => a > b,
        _ => a >= b,
    };

    /// <summary>Whether the result is another metric than its operands.</summary>
    public static bool MakesNewMetric(TokenKind op) => !op.IsComparison() && op is not (TokenKind.TrimLower or TokenKind.TrimUpper);

    /// <summary>Operates on samples of which at least one is a histogram (or whose operator is only for histograms).</summary>
    /// <returns>Null if the pair yields nothing; what is wrong has been noted.</returns>
    public static NativeHistogram? Combine(
        TokenKind op, double a, NativeHistogram? ha, double b, NativeHistogram? hb, AnnotationSet annotations, SourceSpan span)
    {
        switch (op)
        {
            case TokenKind.Mul when ha is null && hb is not null:
                return HistogramArithmetic.Compact(HistogramArithmetic.Multiply(hb, a));
            case TokenKind.Mul when ha is not null && hb is null:
                return HistogramArithmetic.Compact(HistogramArithmetic.Multiply(ha, b));
            case TokenKind.Div when ha is not null && hb is null:
                return HistogramArithmetic.Compact(HistogramArithmetic.Divide(ha, b));
            case TokenKind.TrimUpper or TokenKind.TrimLower when ha is not null && hb is null:
                return HistogramTrim.Apply(ha, b, op == TokenKind.TrimUpper);
            case TokenKind.Add or TokenKind.Sub when ha is not null && hb is not null:
                return AddOrSubtract(op, ha, hb, annotations, span);
            case TokenKind.EqualTo or TokenKind.NotEqual when ha is not null && hb is not null:
                return HistogramArithmetic.AreEqual(ha, hb) == (op == TokenKind.EqualTo) ? ha : null;
            default:
                var left = ha is null ? "float" : "histogram";
                var right = hb is null ? "float" : "histogram";
                annotations.Inform(
                    span,
                    $"incompatible sample types encountered for binary operator {GoQuoting.Quote(op.Text())}: {left} {op.Text()} {right}");
                return null;
        }
    }

    /// <summary>Whether two histograms can be compared by the operator, or a histogram and a float combined at all.</summary>
    public static bool CanCombine(TokenKind op, NativeHistogram? ha, NativeHistogram? hb) => op switch
    {
        TokenKind.Mul => ha is null != hb is null,
        TokenKind.Div or TokenKind.TrimUpper or TokenKind.TrimLower => ha is not null && hb is null,
        TokenKind.Add or TokenKind.Sub or TokenKind.EqualTo or TokenKind.NotEqual => ha is not null && hb is not null,
        _ => false,
    };

    private static NativeHistogram? AddOrSubtract(
        TokenKind op, NativeHistogram a, NativeHistogram b, AnnotationSet annotations, SourceSpan span)
    {
        var subtract = op == TokenKind.Sub;
        if (HistogramArithmetic.TryCombine(a, b, subtract) is not { } sum)
        {
            annotations.Warn(span, "incompatible bucket layout encountered for binary operator " + op.Text());
            return null;
        }

        if (sum.HintsCollide)
        {
            annotations.Warn(span, "conflicting counter resets during histogram " + (subtract ? "subtraction" : "addition"));
        }

        if (sum.BoundsReconciled)
        {
            annotations.Inform(span, "mismatched custom buckets were reconciled during " + (subtract ? "subtraction" : "addition"));
        }

        return subtract ? HistogramArithmetic.WithHint(sum.Value, CounterResetHint.Gauge) : sum.Value;
    }

    /// <summary>IEEE pow with C's corner cases: 1 to any power and anything to the power 0 are 1.</summary>
    private static double Power(double a, double b) => a == 1 || b == 0 ? 1 : Math.Pow(a, b);
}
