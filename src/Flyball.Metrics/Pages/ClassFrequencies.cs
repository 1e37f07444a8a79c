namespace Flyball.Metrics.Pages;

/// <summary>How often each class occurs in a column, in 1024ths.</summary>
/// <remarks>
/// <code>
/// lowest class u8, highest class u8, then per class between them, lowest bit first:
/// bits of its frequency (4), the bits below the highest; a whole byte at the end
/// </code>
/// </remarks>
internal readonly ref struct ClassFrequencies
{
    public const int Bits = 10, Total = 1 << Bits;

    private readonly Span<ushort> _frequencies;

    private ClassFrequencies(Span<ushort> frequencies, int lowest, int highest)
    {
        _frequencies = frequencies;
        Lowest = lowest;
        Highest = highest;
    }

    public int Lowest { get; }

    public int Highest { get; }

    public int this[int residualClass] => _frequencies[residualClass];

    /// <summary>Scales counts so that their sum is <see cref="Total"/> and none that occurs is zero.</summary>
    /// <param name="counts">One for each class.</param>
    /// <param name="scratch">Where the frequencies live: one for each class.</param>
    public static ClassFrequencies Of(ReadOnlySpan<int> counts, int sum, Span<ushort> scratch)
    {
        int lowest = -1, highest = 0, most = 0, total = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            scratch[i] = counts[i] == 0 ? (ushort)0 : (ushort)Math.Max(1, (long)counts[i] * Total / sum);
            total += scratch[i];
            if (counts[i] > 0)
            {
                lowest = lowest < 0 ? i : lowest;
                highest = i;
                most = scratch[i] > scratch[most] ? i : most;
            }
        }

        // Rounding leaves a few to spare: to the most frequent, where they cost least. Many rare classes may take too many.
        for (; total > Total; total--)
        {
            scratch[most]--;
            most = scratch.IndexOf(Max(scratch));
        }

        scratch[most] += (ushort)(Total - total);
        return new ClassFrequencies(scratch, lowest, highest);
    }

    public void Write(ByteWriter to)
    {
        to.WriteByte((byte)Lowest);
        to.WriteByte((byte)Highest);
        var bits = new LowBitSink(to);
        for (var i = Lowest; i <= Highest; i++)
        {
            var width = IntegerColumn.BitLength(_frequencies[i]);
            bits.Write((ulong)width, 4);
            bits.Write(width == 0 ? 0 : _frequencies[i] ^ (1UL << (width - 1)), Math.Max(0, width - 1));
        }

        bits.Flush();
    }

    public static ClassFrequencies Read(ReadOnlySpan<byte> bytes, Span<ushort> scratch, out int length)
    {
        scratch.Clear();
        var from = new ByteReader(bytes);
        int lowest = from.ReadByte(), highest = from.ReadByte(), total = 0;
        var bits = new LowBitSource(from.Rest);
        for (var i = lowest; i <= highest; i++)
        {
            var width = (int)bits.Read(4);
            scratch[i] = width == 0 ? (ushort)0 : (ushort)(bits.Read(width - 1) | (1UL << (width - 1)));
            total += scratch[i];
        }

        length = from.Position + bits.BytesRead;
        return total == Total
            ? new ClassFrequencies(scratch, lowest, highest)
            : throw new InvalidDataException($"the frequencies of a coded column add up to {total}, not {Total}");
    }

    private static ushort Max(ReadOnlySpan<ushort> values)
    {
        ushort most = 0;
        foreach (var value in values)
        {
            most = Math.Max(most, value);
        }

        return most;
    }
}
