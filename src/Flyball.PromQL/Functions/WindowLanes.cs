using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Flyball.PromQL.Evaluation;

namespace Flyball.PromQL.Functions;

/// <summary>Running sums of several windows at once, a window per lane.</summary>
/// <remarks>
/// A compensated sum is one long chain of dependent additions, so a window cannot be split without changing its last digits. Neighbouring
/// windows can run side by side: each lane does what the scalar loop does, in the same order, and the answer has the same bits. Lanes
/// whose window has ended wait for the longest. Whatever is not plain — sums that overflow, NaN — is left to the scalar loop.
/// </remarks>
internal static unsafe class WindowLanes
{
    /// <summary>Windows computed at once.</summary>
    public const int Count = 8;

    /// <summary>Whether the windows from a step on can run side by side.</summary>
    /// <param name="least">Fewest samples a window must have.</param>
    /// <param name="first">Where to begin: at the step, or earlier, so that the last few steps make a whole set too.</param>
    public static bool CanRun(in RangeInput input, int step, int least, out int first)
    {
        first = Math.Min(step, input.Steps - Count);
        if (!Avx2.IsSupported || first < 0 || !input.Histograms.IsEmpty)
        {
            return false;
        }

        for (var i = first; i < first + Count; i++)
        {
            if (input.CountAt(i) < least)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Sums, or means, of the windows.</summary>
    public static bool TrySum(in RangeInput input, int step, bool average, Span<double> output)
    {
        var windows = new Windows(input, step);
        fixed (double* values = input.Values)
        {
            // A mean begins with its first value, a sum with zero: it shows in the sign of zero.
            var sum = average ? windows.Load(values, 0) : Vector512<double>.Zero;
            var error = Vector512<double>.Zero;
            var i = average ? 1 : 0;
            for (; i < windows.Shortest; i++)
            {
                (sum, error) = Add(windows.Load(values, i), sum, error);
            }

            for (; i < windows.Longest; i++)
            {
                var open = windows.OpenAt(i);
                var (total, rounded) = Add(windows.LoadInside(values, i), sum, error);
                sum = Vector512.ConditionalSelect(open, total, sum);
                error = Vector512.ConditionalSelect(open, rounded, error);
            }

            return TryStore(average ? (sum / windows.Counts) + (error / windows.Counts) : sum + error, sum, output[step..]);
        }
    }

    /// <summary>Population variances of the windows, or their roots.</summary>
    public static bool TryVariance(in RangeInput input, int step, bool root, Span<double> output)
    {
        var windows = new Windows(input, step);
        fixed (double* values = input.Values)
        {
            Vector512<double> mean = default, meanError = default, squares = default, squaresError = default;
            for (var i = 0; i < windows.Longest; i++)
            {
                var isInside = i < windows.Shortest;
                var value = isInside ? windows.Load(values, i) : windows.LoadInside(values, i);
                var delta = value - (mean + meanError);
                var (nextMean, nextMeanError) = Add(delta / Vector512.Create(i + 1.0), mean, meanError);
                var (nextSquares, nextSquaresError) = Add(delta * (value - (nextMean + nextMeanError)), squares, squaresError);
                if (!isInside)
                {
                    var open = windows.OpenAt(i);
                    nextMean = Vector512.ConditionalSelect(open, nextMean, mean);
                    nextMeanError = Vector512.ConditionalSelect(open, nextMeanError, meanError);
                    nextSquares = Vector512.ConditionalSelect(open, nextSquares, squares);
                    nextSquaresError = Vector512.ConditionalSelect(open, nextSquaresError, squaresError);
                }

                (mean, meanError, squares, squaresError) = (nextMean, nextMeanError, nextSquares, nextSquaresError);
            }

            var variance = (squares + squaresError) / windows.Counts;
            return TryStore(root ? Vector512.Sqrt(variance) : variance, squares, output[step..]);
        }
    }

    /// <summary>Slopes and intercepts of straight lines through the windows; x in seconds from an origin per window.</summary>
    public static bool TryLine(
        in RangeInput input, int step, Vector512<long> origins, out Vector512<double> slope, out Vector512<double> intercept)
    {
        var windows = new Windows(input, step);
        fixed (double* values = input.Values)
        fixed (long* times = input.Times)
        {
            Vector512<double> x = default, xe = default, y = default, ye = default, xy = default, xye = default, xx = default, xxe = default;
            var first = windows.Load(values, 0);
            var constant = Vector512<double>.AllBitsSet;
            for (var i = 0; i < windows.Longest; i++)
            {
                var isInside = i < windows.Shortest;
                var value = isInside ? windows.Load(values, i) : windows.LoadInside(values, i);
                var at = isInside ? windows.Load((double*)times, i) : windows.LoadInside((double*)times, i);
                var time = Vector512.ConvertToDouble(at.AsInt64() - origins) / Vector512.Create(1e3);
                var same = Vector512.Equals(value, first);
                if (isInside)
                {
                    constant &= same;
                    (x, xe) = Add(time, x, xe);
                    (y, ye) = Add(value, y, ye);
                    (xy, xye) = Add(time * value, xy, xye);
                    (xx, xxe) = Add(time * time, xx, xxe);
                    continue;
                }

                var open = windows.OpenAt(i);
                constant &= same | ~open;
                (x, xe) = Choose(open, Add(time, x, xe), (x, xe));
                (y, ye) = Choose(open, Add(value, y, ye), (y, ye));
                (xy, xye) = Choose(open, Add(time * value, xy, xye), (xy, xye));
                (xx, xxe) = Choose(open, Add(time * time, xx, xxe), (xx, xxe));
            }

            var n = windows.Counts;
            (x, y, xy, xx) = (x + xe, y + ye, xy + xye, xx + xxe);
            slope = (xy - (x * y / n)) / (xx - (x * x / n));
            intercept = (y / n) - (slope * x / n);
            slope = Vector512.ConditionalSelect(constant, Vector512<double>.Zero, slope);
            intercept = Vector512.ConditionalSelect(constant, first, intercept);
            return AllFinite(y) && AllFinite(xy) && AllFinite(xx);
        }
    }

    /// <summary>Writes results unless one is not finite: a NaN might carry the payload that marks absence.</summary>
    public static bool TryStore(Vector512<double> result, Vector512<double> sum, Span<double> output)
    {
        if (!AllFinite(result) || !AllFinite(sum))
        {
            return false;
        }

        result.CopyTo(output);
        return true;
    }

    /// <summary>A compensated addition in every lane, as <see cref="Kahan"/> does it for one; a sum that overflows is told by its infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<double> Sum, Vector512<double> Error) Add(
        Vector512<double> value, Vector512<double> sum, Vector512<double> error)
    {
        var total = sum + value;
        var larger = Vector512.GreaterThanOrEqual(Vector512.Abs(sum), Vector512.Abs(value));
        return (total, error + Vector512.ConditionalSelect(larger, sum - total + value, value - total + sum));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<double> Sum, Vector512<double> Error) Choose(
        Vector512<double> open, (Vector512<double> Sum, Vector512<double> Error) next, (Vector512<double> Sum, Vector512<double> Error) now) =>
        (Vector512.ConditionalSelect(open, next.Sum, now.Sum), Vector512.ConditionalSelect(open, next.Error, now.Error));

    private static bool AllFinite(Vector512<double> values) =>
        Vector512.LessThanAll(Vector512.Abs(values), Vector512.Create(double.PositiveInfinity));

    /// <summary>Where the windows of a set begin and how long they are.</summary>
    private readonly ref struct Windows
    {
        private readonly Vector256<int> _from;
        private readonly Vector256<int> _last;
        private readonly int _first;
        private readonly bool _slides;

        public Windows(in RangeInput input, int step)
        {
            _from = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(input.From), (nuint)step);
            var until = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(input.Until), (nuint)step);
            _last = until - Vector256<int>.One;
            _first = _from.ToScalar();
            _slides = _from == Vector256.Create(_first) + Vector256<int>.Indices;
            var counts = until - _from;
            (Shortest, Longest) = (counts[0], counts[0]);
            for (var i = 1; i < Count; i++)
            {
                Shortest = Math.Min(Shortest, counts[i]);
                Longest = Math.Max(Longest, counts[i]);
            }

            var (low, high) = Vector256.Widen(counts);
            Counts = Vector512.ConvertToDouble(Vector512.Create(low, high));
        }

        public int Shortest { get; }

        public int Longest { get; }

        public Vector512<double> Counts { get; }

        /// <summary>The lanes whose windows have a sample of an index.</summary>
        public Vector512<double> OpenAt(int i) => Vector512.GreaterThan(Counts, Vector512.Create((double)i));

        /// <summary>The samples of an index that all windows have.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<double> Load(double* column, int i) =>
            _slides ? Vector512.Load(column + _first + i) : Gather(column + i, _from);

        /// <summary>As <see cref="Load"/>, the last sample standing for those that are missing.</summary>
        public Vector512<double> LoadInside(double* column, int i) =>
            Gather(column, Vector256.Min(_from + Vector256.Create(i), _last));

        private static Vector512<double> Gather(double* column, Vector256<int> at) => Vector512.Create(
            Avx2.GatherVector256(column, at.GetLower(), sizeof(double)), Avx2.GatherVector256(column, at.GetUpper(), sizeof(double)));
    }
}
