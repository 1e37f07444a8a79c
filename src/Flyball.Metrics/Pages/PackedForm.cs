using System.Buffers;

namespace Flyball.Metrics.Pages;

/// <summary>How a column is packed: what is subtracted, how many bits each number gets, how many do not fit.</summary>
/// <param name="Base">Subtracted from every number, modulo 2^64.</param>
/// <param name="Width">Bits per number, 0…64.</param>
/// <param name="Outliers">Numbers that need more.</param>
/// <param name="Bits">What it all costs.</param>
internal readonly record struct PackedForm(ulong Base, int Width, int Outliers, long Bits)
{
    // An outlier costs its gap (about a byte) and its upper bits in groups of seven.
    private const int OutlierBits = 24;

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
        Span<int> needing = stackalloc int[65];
        needing.Clear();
        foreach (var value in values)
        {
            needing[IntegerColumn.BitLength(unchecked(value - from))]++;
        }

        var best = new PackedForm(from, 64, 0, long.MaxValue);
        var outliers = 0;
        for (var width = 64; width >= 0; width--)
        {
            var bits = ((long)values.Length * width) + ((long)outliers * OutlierBits) + CostOfBase(from);
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

    // A counter that was reset has one huge negative difference: measured from it, all others look huge. So the base
    // may be any value: for each width the window of that size which holds most numbers.
    private static PackedForm WithFewestBits(ReadOnlySpan<ulong> values, PackedForm best)
    {
        var rented = ArrayPool<long>.Shared.Rent(values.Length);
        var sorted = rented.AsSpan(0, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            sorted[i] = (long)values[i];
        }

        sorted.Sort();
        for (var width = Math.Min(best.Width, 62); width >= 0; width--)
        {
            var (start, inside) = FullestWindow(sorted, (1UL << width) - 1);
            var outliers = sorted.Length - inside;
            if (outliers * 4 > sorted.Length && outliers > 1)
            {
                break;
            }

            var bits = ((long)sorted.Length * width) + ((long)outliers * OutlierBits) + CostOfBase((ulong)start);
            if (bits < best.Bits)
            {
                best = new PackedForm((ulong)start, width, outliers, bits);
            }
        }

        ArrayPool<long>.Shared.Return(rented);
        return best;
    }

    private static (long Start, int Inside) FullestWindow(ReadOnlySpan<long> sorted, ulong reach)
    {
        var best = (Start: sorted[0], Inside: 0);
        var from = 0;
        for (var to = 0; to < sorted.Length; to++)
        {
            while (unchecked((ulong)(sorted[to] - sorted[from])) > reach)
            {
                from++;
            }

            if (to - from + 1 > best.Inside)
            {
                best = (sorted[from], to - from + 1);
            }
        }

        return best;
    }

    private static int CostOfBase(ulong value) => 8 * (1 + (IntegerColumn.BitLength(value ^ (ulong)((long)value >> 63)) / 7));
}
