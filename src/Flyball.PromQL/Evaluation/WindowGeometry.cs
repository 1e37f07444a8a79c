using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Flyball.PromQL.Functions;

namespace Flyball.PromQL.Evaluation;

/// <summary>Scratch memory of range functions: above all what extrapolation needs to know of each window and follows from the times of
/// the samples alone.</summary>
/// <remarks>That is computed once for all neighbouring series that were sampled at the same times, which is nearly all of them. One per worker.</remarks>
internal sealed class WindowGeometry
{
    private const int Lanes = 4;

    private int _version;

    /// <summary>Seconds from the first to the last sample of each window.</summary>
    public double[] Sampled { get; private set; } = [];

    /// <summary>Seconds to extrapolate towards the start of the window.</summary>
    public double[] ToStart { get; private set; } = [];

    /// <summary>Seconds to extrapolate towards its end.</summary>
    public double[] ToEnd { get; private set; } = [];

    /// <summary>What the change is multiplied by when nothing is cut at zero; NaN for windows of fewer than two samples.</summary>
    public double[] Factor { get; private set; } = [];

    /// <summary>The values of the present window in order, for quantiles.</summary>
    public SlidingOrder Order { get; } = new();

    /// <summary>Makes the columns those of the input's times.</summary>
    /// <param name="perSecond">Whether the factor divides by the length of the window.</param>
    public void Prepare(in RangeInput input, bool perSecond)
    {
        if (input.TimesVersion == _version && Factor.Length == input.Steps)
        {
            return;
        }

        _version = input.TimesVersion;
        if (Factor.Length != input.Steps)
        {
            (Sampled, ToStart) = (new double[input.Steps], new double[input.Steps]);
            (ToEnd, Factor) = (new double[input.Steps], new double[input.Steps]);
        }

        for (var step = 0; step < Factor.Length; step++)
        {
            if (Avx2.IsSupported && step <= Factor.Length - Lanes && MeasureFour(input, step, perSecond))
            {
                step += Lanes - 1;
                continue;
            }

            if (input.CountAt(step) < 2)
            {
                Factor[step] = double.NaN;
                continue;
            }

            Measure(input, step);
            Factor[step] = FactorOf(step, ToStart[step], perSecond ? input.Call.RangeSeconds : 0);
        }
    }

    /// <summary>The factor with another distance to the start.</summary>
    /// <param name="rangeSeconds">Length of the window to divide by; 0 = do not divide.</param>
    public double FactorOf(int step, double toStart, double rangeSeconds)
    {
        var factor = (Sampled[step] + toStart + ToEnd[step]) / Sampled[step];
        return rangeSeconds == 0 ? factor : factor / rangeSeconds;
    }

    private void Measure(in RangeInput input, int step)
    {
        var first = input.Times[input.From[step]];
        var last = input.Times[input.Until[step] - 1];
        var average = (last - first) / 1000.0 / (input.CountAt(step) - 1);
        var near = average * 1.1;
        var toStart = (first - input.StartOf(step)) / 1000.0;
        var toEnd = (input.EndOf(step) - last) / 1000.0;
        Sampled[step] = (last - first) / 1000.0;
        ToStart[step] = toStart >= near ? average / 2 : toStart;
        ToEnd[step] = toEnd >= near ? average / 2 : toEnd;
    }

    /// <summary>The same for four windows at once, in the same operations, unless one has fewer than two samples.</summary>
    private unsafe bool MeasureFour(in RangeInput input, int step, bool perSecond)
    {
        var from = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(input.From), (nuint)step);
        var until = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(input.Until), (nuint)step);
        var gaps = until - from - Vector128<int>.One;
        if (!Vector128.GreaterThanAll(gaps, Vector128<int>.Zero))
        {
            return false;
        }

        Vector256<long> first;
        Vector256<long> last;
        fixed (long* times = input.Times)
        {
            first = Avx2.GatherVector256(times, from, sizeof(long));
            last = Avx2.GatherVector256(times, until - Vector128<int>.One, sizeof(long));
        }

        var distance = input.Call.Timing.DistanceOf(input.Scope.Grid);
        var end = Vector256.Create(input.EndOf(step)) + Vector256.Create(0, distance, 2 * distance, 3 * distance);
        var sampled = Seconds(last - first);
        var average = sampled / Avx.ConvertToVector256Double(gaps);
        var near = average * Vector256.Create(1.1);
        var half = average / Vector256.Create(2.0);
        var toStart = Seconds(first - (end - Vector256.Create(input.Call.RangeMs)));
        var toEnd = Seconds(end - last);
        toStart = Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(toStart, near), half, toStart);
        toEnd = Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(toEnd, near), half, toEnd);
        var factor = (sampled + toStart + toEnd) / sampled;
        sampled.StoreUnsafe(ref Sampled[step]);
        toStart.StoreUnsafe(ref ToStart[step]);
        toEnd.StoreUnsafe(ref ToEnd[step]);
        (perSecond && input.Call.RangeSeconds != 0 ? factor / Vector256.Create(input.Call.RangeSeconds) : factor).StoreUnsafe(ref Factor[step]);
        return true;
    }

    private static Vector256<double> Seconds(Vector256<long> milliseconds) =>
        Vector256.ConvertToDouble(milliseconds) / Vector256.Create(1000.0);
}
