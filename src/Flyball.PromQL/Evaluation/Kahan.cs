using System.Runtime.CompilerServices;

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
}
