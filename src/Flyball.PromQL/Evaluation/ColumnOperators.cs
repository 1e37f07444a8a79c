using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Flyball.Model.Samples;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Evaluation;

/// <summary>Arithmetic and comparisons of whole columns, several steps at once; each step as <see cref="Operators"/> does it.</summary>
internal static class ColumnOperators
{
    /// <summary>Replaces values by the result with a number per step; what is absent stays absent.</summary>
    /// <param name="swapped">Whether the number is the left operand.</param>
    /// <param name="returnBool">Whether comparisons yield 0 or 1 instead of the value or nothing.</param>
    /// <returns>False if the operator is none of the plain ones: then nothing has happened.</returns>
    public static bool TryApply(TokenKind op, double[] values, double[] numbers, bool swapped, bool returnBool)
    {
        if (!IsPlain(op))
        {
            return false;
        }

        var i = 0;
        for (; i <= values.Length - Vector256<double>.Count; i += Vector256<double>.Count)
        {
            var value = Vector256.LoadUnsafe(ref values[i]);
            var number = Vector256.LoadUnsafe(ref numbers[i]);
            Combine(op, value, number, swapped, returnBool).StoreUnsafe(ref values[i]);
        }

        for (; i < values.Length; i++)
        {
            values[i] = Combine(op, Vector256.CreateScalar(values[i]), Vector256.CreateScalar(numbers[i]), swapped, returnBool).ToScalar();
        }

        return true;
    }

    private static bool IsPlain(TokenKind op) =>
        op is TokenKind.Add or TokenKind.Sub or TokenKind.Mul or TokenKind.Div || op.IsComparison();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Combine(TokenKind op, Vector256<double> value, Vector256<double> number, bool swapped, bool returnBool)
    {
        var (a, b) = swapped ? (number, value) : (value, number);
        var absent = Vector256.Create(Absent.Bits).AsDouble();
        var missing = Vector256.Equals(value.AsUInt64(), Vector256.Create(Absent.Bits)).AsDouble();
        Vector256<double> result;
        if (op.IsComparison())
        {
            var holds = Holds(op, a, b);
            result = returnBool
                ? Vector256.ConditionalSelect(holds, Vector256<double>.One, Vector256<double>.Zero)
                : Vector256.ConditionalSelect(holds, value, absent);
        }
        else
        {
            result = op switch
            {
                TokenKind.Add => a + b,
                TokenKind.Sub => a - b,
                TokenKind.Mul => a * b,
                _ => a / b,
            };

            // A NaN that was computed must not look like the mark.
            var marked = Vector256.Equals(result.AsUInt64(), Vector256.Create(Absent.Bits)).AsDouble();
            result = Vector256.ConditionalSelect(marked, Vector256.Create(StaleMarker.NormalNaN), result);
        }

        return Vector256.ConditionalSelect(missing, absent, result);
    }

    private static Vector256<double> Holds(TokenKind op, Vector256<double> a, Vector256<double> b) => op switch
    {
        TokenKind.EqualTo => Vector256.Equals(a, b),
        TokenKind.NotEqual => ~Vector256.Equals(a, b),
        TokenKind.Greater => Vector256.GreaterThan(a, b),
        TokenKind.Less => Vector256.LessThan(a, b),
        TokenKind.GreaterOrEqual => Vector256.GreaterThanOrEqual(a, b),
        _ => Vector256.LessThanOrEqual(a, b),
    };
}
