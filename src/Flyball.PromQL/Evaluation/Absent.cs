using System.Runtime.CompilerServices;
using Flyball.Model.Samples;

namespace Flyball.PromQL.Evaluation;

/// <summary>The mark of "no float sample at this step" in a column of doubles: a NaN with bits no computation yields.</summary>
/// <remarks>A mark in the column costs no second array and survives SIMD loads. Kernels compare bits before they compute:
/// arithmetic may carry the payload of a NaN into its result.</remarks>
internal static class Absent
{
    public const ulong Bits = 0x7ff8_f17b_a11a_b5e7;

    public static readonly double Value = BitConverter.UInt64BitsToDouble(Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Is(double value) => BitConverter.DoubleToUInt64Bits(value) == Bits;

    /// <summary>A computed value that must not be taken for the mark.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Present(double value) => Is(value) ? StaleMarker.NormalNaN : value;
}
