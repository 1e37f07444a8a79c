using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Flyball.PromQL.Evaluation;

/// <summary>Sums with the rounding error kept beside them (Kahan's idea in Neumaier's form), term by term as Prometheus does it.</summary>
internal static class Kahan
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(double value, ref double sum, ref double compensation)
    {
        var total = sum + value;
        if (double.IsInfinity(total))
        {
            compensation = 0;
        }
        else if (Math.Abs(sum) >= Math.Abs(value))
        {
            compensation += sum - total + value;
        }
        else
        {
            compensation += value - total + sum;
        }

        sum = total;
    }

    /// <summary>What rounding takes from one addition.</summary>
    public static double Error(double a, double b)
    {
        var total = a + b;
        if (double.IsInfinity(total))
        {
            return 0;
        }

        return Math.Abs(a) >= Math.Abs(b) ? a - total + b : b - total + a;
    }

    /// <summary>Steps that are added at once.</summary>
    public static int Lanes => Vector256<double>.Count;

    /// <summary>Adds each present value to the sum of its step, as the scalar form does one by one.</summary>
    /// <returns>How many steps are done: all but the few at the end that fill no vector.</returns>
    public static int AddColumn(double[] values, double[] sums, double[] errors)
    {
        var i = 0;
        for (; i <= sums.Length - Lanes; i += Lanes)
        {
            var value = Vector256.LoadUnsafe(ref values[i]);
            var sum = Vector256.LoadUnsafe(ref sums[i]);
            var error = Vector256.LoadUnsafe(ref errors[i]);
            var (total, rounded) = Add(value, sum, error);
            var (missing, fresh) = (IsAbsent(value), IsAbsent(sum));
            Vector256.ConditionalSelect(missing, sum, Vector256.ConditionalSelect(fresh, value, total)).StoreUnsafe(ref sums[i]);
            Vector256.ConditionalSelect(missing | fresh, error, rounded).StoreUnsafe(ref errors[i]);
        }

        return i;
    }

    /// <summary>Adds present values to the sums and counts of a few steps, unless a sum would overflow.</summary>
    public static bool TryAddToMean(double[] values, int at, double[] sums, double[] errors, double[] counts)
    {
        var value = Vector256.LoadUnsafe(ref values[at]);
        var sum = Vector256.LoadUnsafe(ref sums[at]);
        var error = Vector256.LoadUnsafe(ref errors[at]);
        var (total, rounded) = Add(value, sum, error);
        var (missing, fresh) = (IsAbsent(value), IsAbsent(sum));
        if (Vector256.EqualsAny(Vector256.Abs(total), Vector256.Create(double.PositiveInfinity)))
        {
            return false;
        }

        Vector256.ConditionalSelect(missing, sum, Vector256.ConditionalSelect(fresh, value, total)).StoreUnsafe(ref sums[at]);
        Vector256.ConditionalSelect(missing | fresh, error, rounded).StoreUnsafe(ref errors[at]);
        var count = Vector256.LoadUnsafe(ref counts[at]);
        Vector256.ConditionalSelect(missing, count, count + Vector256<double>.One).StoreUnsafe(ref counts[at]);
        return true;
    }

    /// <summary>The same sum in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<double> Sum, Vector256<double> Error) Add(
        Vector256<double> value, Vector256<double> sum, Vector256<double> error)
    {
        var total = sum + value;
        var larger = Vector256.GreaterThanOrEqual(Vector256.Abs(sum), Vector256.Abs(value));
        var rounded = error + Vector256.ConditionalSelect(larger, sum - total + value, value - total + sum);
        var infinite = Vector256.Equals(Vector256.Abs(total), Vector256.Create(double.PositiveInfinity));
        return (total, Vector256.ConditionalSelect(infinite, Vector256<double>.Zero, rounded));
    }

    private static Vector256<double> IsAbsent(Vector256<double> column) =>
        Vector256.Equals(column.AsUInt64(), Vector256.Create(Absent.Bits)).AsDouble();
}
