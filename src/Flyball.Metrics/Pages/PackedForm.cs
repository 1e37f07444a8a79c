namespace Flyball.Metrics.Pages;

/// <summary>How a column is packed: what is subtracted, how many bits each number gets, how many do not fit.</summary>
/// <param name="Base">Subtracted from every number, modulo 2^64.</param>
/// <param name="Width">Bits per number, 0…64.</param>
/// <param name="Outliers">Numbers that need more.</param>
/// <param name="Bits">What it all costs.</param>
internal readonly record struct PackedForm(ulong Base, int Width, int Outliers, long Bits)
{
    private const int SampleSize = 33;

    /// <summary>The cheapest form of some numbers, read as signed for the choice of the base.</summary>
    public static PackedForm Choose(ReadOnlySpan<ulong> values, bool thorough)
    {
        if (values.IsEmpty)
        {
            return new PackedForm(0, 0, 0, 0);
        }

        var least = long.MaxValue;
        foreach (var value in values)
        {
            least = Math.Min(least, (long)value);
        }

        var form = WithBase(values, (ulong)least);
        return thorough && form.Bits > 64 ? WithFewestBits(values, form) : form;
    }

    private static PackedForm WithBase(ReadOnlySpan<ulong> values, ulong from)
    {
        ulong any = 0;
        foreach (var value in values)
        {
            any |= unchecked(value - from);
        }

        var widest = IntegerColumn.BitLength(any);
        Span<int> needing = stackalloc int[65];
        needing[..(widest + 1)].Clear();
        foreach (var value in values)
        {
            needing[IntegerColumn.BitLength(unchecked(value - from))]++;
        }

        var best = new PackedForm(from, 64, 0, long.MaxValue);
        var outliers = 0;
        for (var width = widest; width >= 0; width--)
        {
            var bits = ((long)values.Length * width) + ((long)outliers * CostOfOutlier(widest, width)) + CostOfBase(from);
            if (bits < best.Bits)
            {
                best = new PackedForm(from, width, outliers, bits);
            }

            outliers += needing[width];
            if (outliers * 4 > values.Length && outliers > 1)
            {
                break;
            }
        }

        return best;
    }

    // A counter that was reset has one huge negative difference: measured from it, all others look huge. So the base may be
    // any value; the lowest ones of a sample are tried, which a few outliers will not be among.
    private static PackedForm WithFewestBits(ReadOnlySpan<ulong> values, PackedForm best)
    {
        Span<long> sample = stackalloc long[SampleSize];
        for (var i = 0; i < SampleSize; i++)
        {
            sample[i] = (long)values[(int)((long)i * values.Length / SampleSize)];
        }

        sample.Sort();
        foreach (var candidate in (ReadOnlySpan<long>)[sample[0], sample[2]])
        {
            if (candidate != (long)best.Base && WithBase(values, (ulong)candidate) is var form && form.Bits < best.Bits)
            {
                best = form;
            }
        }

        return best;
    }

    // Its gap, about a byte, and its upper bits with a sign in groups of seven. Taken for the farthest, which is never too little.
    private static int CostOfOutlier(int bitsNeeded, int width) => 8 + (8 * ((bitsNeeded + 1 - width + 6) / 7));

    private static int CostOfBase(ulong value) => 8 * (1 + (IntegerColumn.BitLength(value ^ (ulong)((long)value >> 63)) / 7));
}
