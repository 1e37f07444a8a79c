using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL;

/// <summary>Evaluates expressions without fields.</summary>
internal static class Constants
{
    /// <summary>The value of a constant expression; null when it has a field or no value.</summary>
    public static Value? Fold(Expression expression) => expression switch
    {
        Literal literal => literal.Value,
        Unary { Operator: "-" } unary when Fold(unary.Operand) is { IsNumber: true } operand => Operators.Negate(operand),
        Binary { Operator: "+" or "-" or "*" or "/" or "%" or "^" } binary
            when Fold(binary.Left) is { IsNumber: true } left && Fold(binary.Right) is { IsNumber: true } right => Operators.Calculate(binary.Operator, left, right),
        _ => null,
    };
}
