using System.Numerics;
using System.Runtime.InteropServices;

namespace Flyball.Traces.Bytes;

/// <summary>Up to 128 numbers as differences to their least, each in the same few bits; the rare larger ones are patched.</summary>
/// <remarks>
/// <code>
/// least: uvarint   width: 1 byte   patches: 1 byte   { index: 1 byte, high bits: uvarint }*   bits: ceil(n · width / 8) bytes
/// </code>
/// The width is the one that makes the block smallest, patches included: one long span among short ones must not widen all.
/// </remarks>
internal static class PackedBlock
{
    /// <summary>Most numbers in a block.</summary>
    public const int Size = 128;

    public static void Write(ReadOnlySpan<ulong> values, ByteWriter to)
    {
        var least = ulong.MaxValue;
        foreach (var value in values)
        {
            least = Math.Min(least, value);
        }

        Span<int> lengths = stackalloc int[65];
        foreach (var value in values)
        {
            lengths[64 - BitOperations.LeadingZeroCount(value - least)]++;
        }

        var width = BestWidth(lengths, values.Length, out var patches);
        to.Varint(least);
        to.Byte((byte)width);
        to.Byte((byte)patches);
        if (patches > 0)
        {
            WritePatches(values, least, width, to);
        }

        Pack(values, least, width, to.Take(((values.Length * width) + 7) / 8));
    }

    public static void Read(ref ByteReader from, Span<ulong> values)
    {
        var least = from.Varint();
        var width = from.Byte();
        var patches = from.Byte();
        if (width > 64 || patches > values.Length)
        {
            throw new InvalidDataException($"a block of {values.Length} numbers of {width} bits with {patches} patches");
        }

        Span<byte> at = stackalloc byte[Size];
        Span<ulong> high = stackalloc ulong[Size];
        for (var i = 0; i < patches; i++)
        {
            at[i] = from.Byte();
            high[i] = from.Varint();
            if (at[i] >= values.Length)
            {
                throw new InvalidDataException("a patch lies outside its block");
            }
        }

        Unpack(from.Bytes(((values.Length * width) + 7) / 8), width, least, values);
        for (var i = 0; i < patches; i++)
        {
            values[at[i]] += high[i] << width;
        }
    }

    /// <summary>Passes over a block.</summary>
    public static void Skip(ref ByteReader from, int count)
    {
        from.Varint();
        var width = from.Byte();
        var patches = from.Byte();
        if (width > 64 || patches > count)
        {
            throw new InvalidDataException($"a block of {count} numbers of {width} bits with {patches} patches");
        }

        for (var i = 0; i < patches; i++)
        {
            from.Byte();
            from.Varint();
        }

        from.Bytes(((count * width) + 7) / 8);
    }

    private static int BestWidth(ReadOnlySpan<int> lengths, int count, out int patches)
    {
        int best = 64, bestBits = int.MaxValue, bestPatches = 0, wider = 0, patchBits = 0;

        // From the widest down: numbers longer than the width become patches of one byte index and a uvarint of the rest.
        for (var width = 64; width >= 0; width--)
        {
            if (width < 64 && lengths[width + 1] > 0)
            {
                wider += lengths[width + 1];
            }

            patchBits = 0;
            if (wider > 0)
            {
                for (var l = width + 1; l <= 64; l++)
                {
                    patchBits += lengths[l] * (8 + (8 * ((l - width + 6) / 7)));
                }
            }

            var bits = (width * count) + patchBits;
            if (bits < bestBits)
            {
                (best, bestBits, bestPatches) = (width, bits, wider);
            }
            else if (wider > count / 4)
            {
                break;
            }
        }

        patches = bestPatches;
        return best;
    }

    private static void WritePatches(ReadOnlySpan<ulong> values, ulong least, int width, ByteWriter to)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var rest = values[i] - least;
            if (64 - BitOperations.LeadingZeroCount(rest) > width)
            {
                to.Byte((byte)i);
                to.Varint(rest >> width);
            }
        }
    }

    private static void Pack(ReadOnlySpan<ulong> values, ulong least, int width, Span<byte> bits)
    {
        if (width == 64)
        {
            for (var i = 0; i < values.Length; i++)
            {
                var value = values[i] - least;
                MemoryMarshal.Write(bits[(i * 8)..], in value);
            }

            return;
        }

        var mask = (1UL << width) - 1;
        ulong buffer = 0;
        int filled = 0, at = 0;
        foreach (var value in values)
        {
            var low = (value - least) & mask;
            buffer |= low << filled;
            filled += width;
            if (filled >= 64)
            {
                MemoryMarshal.Write(bits[at..], in buffer);
                at += 8;
                filled -= 64;
                buffer = filled == 0 ? 0 : low >> (width - filled);
            }
        }

        while (at < bits.Length)
        {
            bits[at++] = (byte)buffer;
            buffer >>= 8;
        }
    }

    private static void Unpack(ReadOnlySpan<byte> bits, int width, ulong least, Span<ulong> values)
    {
        if (width == 0)
        {
            values.Fill(least);
            return;
        }

        var mask = width == 64 ? ulong.MaxValue : (1UL << width) - 1;
        var position = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var at = position >> 3;
            var shift = position & 7;
            var raw = at + 8 <= bits.Length ? MemoryMarshal.Read<ulong>(bits[at..]) : ReadTail(bits[at..]);
            var value = raw >> shift;
            if (shift + width > 64)
            {
                value |= (ulong)bits[at + 8] << (64 - shift);
            }

            values[i] = least + (value & mask);
            position += width;
        }
    }

    private static ulong ReadTail(ReadOnlySpan<byte> bits)
    {
        ulong raw = 0;
        for (var i = Math.Min(bits.Length, 8) - 1; i >= 0; i--)
        {
            raw = (raw << 8) | bits[i];
        }

        return raw;
    }
}
