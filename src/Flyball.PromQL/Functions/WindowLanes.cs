using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Flyball.PromQL.Evaluation;

namespace Flyball.PromQL.Functions;

/// <summary>Running sums of several windows at once, a window per lane.</summary>
/// <remarks>
/// A compensated sum is one long chain of dependent additions, so a window cannot be split without changing its last digits. Neighbouring
/// windows can run side by side: each lane does what the scalar loop does, in the same order, and the answer has the same bits.
/// Whatever is not plain — windows of different lengths, sums that overflow, NaN — is left to the scalar loop.
/// </remarks>
internal static unsafe class WindowLanes
{
    /// <summary>Windows computed at once.</summary>
    public const int Count = 4;

    /// <summary>Whether the windows from a step on can run side by side.</summary>
    /// <param name="least">Fewest samples a window must have.</param>
    public static bool CanRun(in RangeInput input, int step, int least)
    {
        if (!Avx2.IsSupported || step > input.Steps - Count || !input.Histograms.IsEmpty)
        {
            return false;
        }

        var count = input.CountAt(step);
        return count >= least && input.CountAt(step + 1) == count && input.CountAt(step + 2) == count && input.CountAt(step + 3) == count;
    }

    /// <summary>Sums, or means, of the windows.</summary>
    public static bool TrySum(in RangeInput input, int step, bool average, Span<double> output)
    {
        var count = input.CountAt(step);
        var at = Indexes(input, step);
        fixed (double* values = input.Values)
        {
            // A mean begins with its first value, a sum with zero: it shows in the sign of zero.
            var sum = average ? Gather(values, at) : Vector256<double>.Zero;
            var error = Vector256<double>.Zero;
            for (var i = average ? 1 : 0; i < count; i++)
            {
                (sum, error) = Kahan.Add(Gather(values + i, at), sum, error);
            }

            var n = Vector256.Create((double)count);
            return TryStore(average ? (sum / n) + (error / n) : sum + error, sum, output[step..]);
        }
    }

    /// <summary>Population variances of the windows, or their roots.</summary>
    public static bool TryVariance(in RangeInput input, int step, bool root, Span<double> output)
    {
        var count = input.CountAt(step);
        var at = Indexes(input, step);
        fixed (double* values = input.Values)
        {
            Vector256<double> mean = default, meanError = default, squares = default, squaresError = default;
            for (var i = 0; i < count; i++)
            {
                var value = Gather(values + i, at);
                var delta = value - (mean + meanError);
                (mean, meanError) = Kahan.Add(delta / Vector256.Create(i + 1.0), mean, meanError);
                (squares, squaresError) = Kahan.Add(delta * (value - (mean + meanError)), squares, squaresError);
            }

            var variance = (squares + squaresError) / Vector256.Create((double)count);
            return TryStore(root ? Vector256.Sqrt(variance) : variance, squares, output[step..]);
        }
    }

    /// <summary>Slopes and intercepts of straight lines through the windows; x in seconds from an origin per window.</summary>
    public static bool TryLine(
        in RangeInput input, int step, Vector256<long> origins, out Vector256<double> slope, out Vector256<double> intercept)
    {
        var count = input.CountAt(step);
        var at = Indexes(input, step);
        fixed (double* values = input.Values)
        fixed (long* times = input.Times)
        {
            Vector256<double> x = default, xe = default, y = default, ye = default, xy = default, xye = default, xx = default, xxe = default;
            var first = Gather(values, at);
            var constant = Vector256<double>.AllBitsSet;
            for (var i = 0; i < count; i++)
            {
                var value = Gather(values + i, at);
                var time = Vector256.ConvertToDouble(Avx2.GatherVector256(times + i, at, sizeof(long)) - origins) / Vector256.Create(1e3);
                constant &= Vector256.Equals(value, first);
                (x, xe) = Kahan.Add(time, x, xe);
                (y, ye) = Kahan.Add(value, y, ye);
                (xy, xye) = Kahan.Add(time * value, xy, xye);
                (xx, xxe) = Kahan.Add(time * time, xx, xxe);
            }

            var n = Vector256.Create((double)count);
            (x, y, xy, xx) = (x + xe, y + ye, xy + xye, xx + xxe);
            slope = (xy - (x * y / n)) / (xx - (x * x / n));
            intercept = (y / n) - (slope * x / n);
            slope = Vector256.ConditionalSelect(constant, Vector256<double>.Zero, slope);
            intercept = Vector256.ConditionalSelect(constant, first, intercept);
            return AllFinite(y) && AllFinite(xy) && AllFinite(xx);
        }
    }

    /// <summary>Writes results unless one is not finite: a NaN might carry the payload that marks absence.</summary>
    public static bool TryStore(Vector256<double> result, Vector256<double> sum, Span<double> output)
    {
        if (!AllFinite(result) || !AllFinite(sum))
        {
            return false;
        }

        result.CopyTo(output);
        return true;
    }

    private static bool AllFinite(Vector256<double> values) =>
        Vector256.LessThanAll(Vector256.Abs(values), Vector256.Create(double.PositiveInfinity));

    private static Vector128<int> Indexes(in RangeInput input, int step) =>
        Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(input.From), (nuint)step);

    private static Vector256<double> Gather(double* values, Vector128<int> at) => Avx2.GatherVector256(values, at, sizeof(double));
}
