namespace Flyball.Metrics.Pages;

/// <summary>How a column is coded by frequency: what is subtracted from every number, and what it all costs.</summary>
/// <param name="Centre">Subtracted, modulo 2^64.</param>
/// <param name="Around">Whether numbers lie on both sides of the centre and take turns: 0, -1, 1, -2 …</param>
/// <param name="Bits">The cost, estimated.</param>
internal readonly record struct CodedForm(ulong Centre, bool Around, long Bits)
{
    // States, range of classes, centre.
    private const int FixedBits = 64 + 16 + 24;
    private const int SampleSize = 33;

    /// <summary>The cheaper of two centres: the least of the numbers, or their middle.</summary>
    public static CodedForm Choose(ReadOnlySpan<ulong> values)
    {
        if (values.IsEmpty)
        {
            return new CodedForm(0, false, long.MaxValue);
        }

        var least = long.MaxValue;
        foreach (var value in values)
        {
            least = Math.Min(least, (long)value);
        }

        var below = CostOf(values, (ulong)least, around: false);
        var between = CostOf(values, Middle(values), around: true);
        return between.Bits < below.Bits ? between : below;
    }

    /// <summary>What is coded for a number.</summary>
    public ulong Residual(ulong value)
    {
        var difference = unchecked(value - Centre);
        return Around ? (difference << 1) ^ (ulong)((long)difference >> 63) : difference;
    }

    private static CodedForm CostOf(ReadOnlySpan<ulong> values, ulong centre, bool around)
    {
        var form = new CodedForm(centre, around, 0);
        Span<int> counts = stackalloc int[ResidualClass.Count];
        counts.Clear();
        foreach (var value in values)
        {
            counts[ResidualClass.Of(form.Residual(value))]++;
        }

        double bits = FixedBits;
        int lowest = -1, highest = 0;
        var all = Math.Log2(values.Length);
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0)
            {
                var each = all - Math.Log2(counts[i]);
                bits += (counts[i] * (each + ResidualClass.BitsInside(i))) + Math.Max(1, ClassFrequencies.Bits - each);
                lowest = lowest < 0 ? i : lowest;
                highest = i;
            }
        }

        return form with { Bits = (long)bits + (4 * (highest - lowest + 1)) };
    }

    // The middle of a sample: where exactly it lies matters little.
    private static ulong Middle(ReadOnlySpan<ulong> values)
    {
        Span<long> sample = stackalloc long[SampleSize];
        for (var i = 0; i < SampleSize; i++)
        {
            sample[i] = (long)values[(int)((long)i * values.Length / SampleSize)];
        }

        sample.Sort();
        return (ulong)sample[SampleSize / 2];
    }
}
