using System.Runtime.CompilerServices;

namespace Flyball.Model.Samples;

/// <summary>The NaN that ends a series: "it was there and is no longer", as opposed to a measured NaN.</summary>
/// <remarks>Bit patterns: Prometheus <c>model/value</c>; Prometheus documentation.</remarks>
public static class StaleMarker
{
    /// <summary>The bits of the marker.</summary>
    public const ulong Bits = 0x7ff0_0000_0000_0002;

    /// <summary>The bits of an ordinary NaN.</summary>
    public const ulong NormalNaNBits = 0x7ff8_0000_0000_0001;

    /// <summary>The marker as a value. Arithmetic turns it into an ordinary NaN: compare bits only.</summary>
    public static readonly double Value = BitConverter.UInt64BitsToDouble(Bits);

    /// <summary>An ordinary, measured NaN in the form Prometheus stores it.</summary>
    public static readonly double NormalNaN = BitConverter.UInt64BitsToDouble(NormalNaNBits);

    /// <summary>Whether the value ends its series.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Is(double value) => BitConverter.DoubleToUInt64Bits(value) == Bits;
}
