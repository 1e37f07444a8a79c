using System.Buffers.Binary;

namespace Flyball.Metrics.Pages;

/// <summary>Numbers of one width side by side, lowest bit first.</summary>
internal static class BitPacking
{
    /// <summary>Bytes that <paramref name="count"/> numbers of a width take.</summary>
    public static int SizeOf(int count, int width) => (int)((((long)count * width) + 7) / 8);

    /// <summary>Packs the low bits of each value.</summary>
    public static void Pack(ReadOnlySpan<ulong> values, int width, Span<byte> to)
    {
        if (width == 0)
        {
            return;
        }

        var mask = width == 64 ? ulong.MaxValue : (1UL << width) - 1;
        ulong word = 0;
        var used = 0;
        var at = 0;
        foreach (var value in values)
        {
            var bits = value & mask;
            word |= bits << used;
            used += width;
            if (used >= 64)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(to[at..], word);
                at += 8;
                used -= 64;
                word = used == 0 ? 0 : bits >> (width - used);
            }
        }

        for (; used > 0; used -= 8)
        {
            to[at++] = (byte)word;
            word >>= 8;
        }
    }

    /// <summary>Unpacks as many numbers as the destination takes.</summary>
    public static void Unpack(ReadOnlySpan<byte> from, int width, Span<ulong> to)
    {
        if (width == 0)
        {
            to.Clear();
            return;
        }

        var mask = width == 64 ? ulong.MaxValue : (1UL << width) - 1;
        long bit = 0;
        var i = 0;

        // Eight bytes at the number's first byte hold all of it for widths up to 57.
        if (width <= 57)
        {
            for (; i < to.Length; i++, bit += width)
            {
                var at = (int)(bit >> 3);
                if (at + 8 > from.Length)
                {
                    break;
                }

                to[i] = (BinaryPrimitives.ReadUInt64LittleEndian(from[at..]) >> (int)(bit & 7)) & mask;
            }
        }

        for (; i < to.Length; i++, bit += width)
        {
            to[i] = ReadSlowly(from, bit, width) & mask;
        }
    }

    private static ulong ReadSlowly(ReadOnlySpan<byte> from, long bit, int width)
    {
        ulong value = 0;
        for (var got = 0; got < width;)
        {
            var inByte = (int)(bit & 7);
            value |= (ulong)(from[(int)(bit >> 3)] >> inByte) << got;
            got += 8 - inByte;
            bit += 8 - inByte;
        }

        return value;
    }
}
