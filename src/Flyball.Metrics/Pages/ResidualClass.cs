using System.Numerics;

namespace Flyball.Metrics.Pages;

/// <summary>Sorts 64-bit numbers into 256 classes: the class is worth coding by frequency, the bits inside it are noise.</summary>
/// <remarks>
/// <code>
/// 0…15     the number itself
/// 16…255   16 + 4 · (bits - 5) + the two bits below the highest; the rest follows as it is: four classes to every doubling
/// </code>
/// </remarks>
internal static class ResidualClass
{
    public const int Count = 256;
    private const int Small = 16;

    private static readonly ulong[] Starts = MakeStarts();

    /// <summary>The smallest number of each class.</summary>
    public static ReadOnlySpan<ulong> StartOf => Starts;

    public static int Of(ulong value)
    {
        if (value < Small)
        {
            return (int)value;
        }

        var highest = BitOperations.Log2(value);
        return Small + ((highest - 4) * 4) + (int)((value >> (highest - 2)) & 3);
    }

    /// <summary>How many bits tell the numbers of a class apart.</summary>
    public static int BitsInside(int residualClass) => residualClass < Small ? 0 : ((residualClass - Small) >> 2) + 2;

    private static ulong[] MakeStarts()
    {
        var starts = new ulong[Count];
        for (var i = 0; i < Count; i++)
        {
            starts[i] = i < Small ? (ulong)i : (ulong)(4 + (i & 3)) << BitsInside(i);
        }

        return starts;
    }
}
