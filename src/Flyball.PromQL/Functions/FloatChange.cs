using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Flyball.PromQL.Evaluation;

namespace Flyball.PromQL.Functions;

/// <summary><c>rate</c>, <c>increase</c>, <c>delta</c> of a series of floats without start times: nearly every series there is.</summary>
/// <remarks>Four windows at once where the machine can gather; the same operations in the same order as for one, so the same bits.</remarks>
internal static class FloatChange
{
    /// <summary>Writes the change of every window that has two samples.</summary>
    /// <param name="resets">Indexes of samples before which the counter was reset, rising; empty for gauges.</param>
    public static void Evaluate(in RangeInput input, bool isCounter, bool isRate, List<int> resets, Span<double> output)
    {
        var geometry = input.Geometry;
        geometry.Prepare(input, isRate);
        var step = 0;
        if (Avx2.IsSupported && resets.Count == 0)
        {
            for (; step <= output.Length - Vector256<double>.Count; step += Vector256<double>.Count)
            {
                if (!TryFour(input, isCounter, step, output))
                {
                    One(input, isCounter, isRate, resets, output, step, step + Vector256<double>.Count);
                }
            }
        }

        One(input, isCounter, isRate, resets, output, step, output.Length);
    }

    private static void One(
        in RangeInput input, bool isCounter, bool isRate, List<int> resets, Span<double> output, int step, int until)
    {
        var geometry = input.Geometry;
        var values = input.Values;
        var rangeSeconds = isRate ? input.Call.RangeSeconds : 0;
        var nextReset = 0;
        for (; step < until; step++)
        {
            var factor = geometry.Factor[step];
            if (double.IsNaN(factor))
            {
                continue;
            }

            var from = input.From[step];
            var last = input.Until[step] - 1;
            while (nextReset < resets.Count && resets[nextReset] <= from)
            {
                nextReset++;
            }

            var first = values[from];
            var result = values[last] - first;
            for (var i = nextReset; i < resets.Count && resets[i] <= last; i++)
            {
                result += values[resets[i] - 1];
            }

            if (isCounter && result > 0 && first >= 0)
            {
                // A counter does not fall below zero: where the line would, the series has begun.
                var toZero = geometry.Sampled[step] * (first / result);
                if (!(toZero >= geometry.ToStart[step]))
                {
                    factor = geometry.FactorOf(step, toZero, rangeSeconds);
                }
            }

            output[step] = Absent.Present(result * factor);
        }
    }

    /// <summary>Four windows, if none of them needs a closer look.</summary>
    private static unsafe bool TryFour(in RangeInput input, bool isCounter, int step, Span<double> output)
    {
        var geometry = input.Geometry;
        var factor = Vector256.LoadUnsafe(ref geometry.Factor[step]);
        var fromIndex = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(input.From), (nuint)step);
        var lastIndex = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(input.Until), (nuint)step) - Vector128<int>.One;
        if (!Vector256.EqualsAll(factor, factor))
        {
            return false;
        }

        // The bounds were computed from these very columns: each index lies inside where the factor is a number.
        Vector256<double> first;
        Vector256<double> last;
        fixed (double* values = input.Values)
        {
            first = Avx2.GatherVector256(values, fromIndex, sizeof(double));
            last = Avx2.GatherVector256(values, lastIndex, sizeof(double));
        }

        var result = last - first;
        var outcome = result * factor;
        if (isCounter)
        {
            // At least as high as it has risen, and extrapolated by no more than was sampled: then zero is too far away to matter.
            var sampled = Vector256.LoadUnsafe(ref geometry.Sampled[step]);
            var toStart = Vector256.LoadUnsafe(ref geometry.ToStart[step]);
            var clear = Vector256.GreaterThanOrEqual(first, result) & Vector256.GreaterThanOrEqual(sampled, toStart);
            if (!Vector256.EqualsAll((clear | Vector256.LessThanOrEqual(result, Vector256<double>.Zero)).AsInt64(), Vector256<long>.AllBitsSet))
            {
                return false;
            }
        }

        // Neither infinite nor NaN, whose payload might be mistaken for an absent sample.
        if (!Vector256.LessThanAll(Vector256.Abs(outcome), Vector256.Create(double.PositiveInfinity)))
        {
            return false;
        }

        outcome.CopyTo(output[step..]);
        return true;
    }
}
