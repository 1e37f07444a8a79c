using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Flyball.Metrics.Pages;

/// <summary>Numbers of one width side by side, lowest bit first.</summary>
internal static class BitPacking
{
    // Eight bytes at the number's first byte hold all of it for widths up to this.
    private const int WidestInEightBytes = 57;

    private static readonly Vector512<byte>[] Gathers = MakeGathers();
    private static readonly Vector512<ulong>[] Shifts = MakeShifts();

    /// <summary>Bytes that <paramref name="count"/> numbers of a width take.</summary>
    public static int SizeOf(int count, int width) => (int)((((long)count * width) + 7) / 8);

    /// <summary>Packs the low bits of each value.</summary>
    public static void Pack(ReadOnlySpan<ulong> values, int width, Span<byte> to)
    {
        if (width == 0)
        {
            return;
        }

        var mask = MaskOf(width);
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
    /// <param name="from">The packed bytes; what follows them is not looked at, but with 64 bytes more the end is as quick as the rest.</param>
    public static void Unpack(ReadOnlySpan<byte> from, int width, Span<ulong> to)
    {
        if (width == 0)
        {
            to.Clear();
            return;
        }

        var done = 0;
        if (width <= WidestInEightBytes)
        {
            done = Avx512Vbmi.IsSupported ? UnpackEights(from, width, to) : 0;
            done = UnpackOnes(from, width, to, done);
            if (done < to.Length)
            {
                UnpackEnd(from, width, to, done);
            }

            return;
        }

        for (var mask = MaskOf(width); done < to.Length; done++)
        {
            to[done] = ReadSlowly(from, (long)done * width, width) & mask;
        }
    }

    // The last numbers begin less than eight bytes before the end: they are unpacked from a copy with zeros behind it.
    private static void UnpackEnd(ReadOnlySpan<byte> from, int width, Span<ulong> to, int done)
    {
        Span<byte> end = stackalloc byte[32];
        end.Clear();
        var bit = (long)done * width;
        from[(int)(bit >> 3)..SizeOf(to.Length, width)].CopyTo(end);
        var mask = MaskOf(width);
        for (var inEnd = (int)(bit & 7); done < to.Length; done++, inEnd += width)
        {
            to[done] = (BinaryPrimitives.ReadUInt64LittleEndian(end[(inEnd >> 3)..]) >> (inEnd & 7)) & mask;
        }
    }

    private static ulong MaskOf(int width) => width == 64 ? ulong.MaxValue : (1UL << width) - 1;

    // Eight numbers of n bits are n bytes, so every eight begin with a byte: the same permutation brings each number's eight
    // bytes into its lane, the same shifts and mask cut it out, eight numbers with four instructions.
    private static int UnpackEights(ReadOnlySpan<byte> from, int width, Span<ulong> to)
    {
        var gather = Gathers[width];
        var shift = Shifts[width];
        var mask = Vector512.Create(MaskOf(width));
        ref var source = ref MemoryMarshal.GetReference(from);
        ref var target = ref MemoryMarshal.GetReference(to);
        var done = 0;
        nuint at = 0;
        for (; done + 8 <= to.Length && at + 64 <= (nuint)from.Length; done += 8, at += (nuint)width)
        {
            var lanes = Avx512Vbmi.PermuteVar64x8(Vector512.LoadUnsafe(ref source, at), gather).AsUInt64();
            (Avx512F.ShiftRightLogicalVariable(lanes, shift) & mask).StoreUnsafe(ref target, (nuint)done);
        }

        return done;
    }

    private static int UnpackOnes(ReadOnlySpan<byte> from, int width, Span<ulong> to, int done)
    {
        var mask = MaskOf(width);
        var bit = (long)done * width;
        for (; done < to.Length; done++, bit += width)
        {
            var at = (int)(bit >> 3);
            if (at + 8 > from.Length)
            {
                break;
            }

            to[done] = (BinaryPrimitives.ReadUInt64LittleEndian(from[at..]) >> (int)(bit & 7)) & mask;
        }

        return done;
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

    private static Vector512<byte>[] MakeGathers()
    {
        var gathers = new Vector512<byte>[WidestInEightBytes + 1];
        var bytes = new byte[64];
        for (var width = 1; width < gathers.Length; width++)
        {
            for (var i = 0; i < 64; i++)
            {
                bytes[i] = (byte)(((i / 8 * width) >> 3) + (i % 8));
            }

            gathers[width] = Vector512.Create(bytes);
        }

        return gathers;
    }

    private static Vector512<ulong>[] MakeShifts()
    {
        var shifts = new Vector512<ulong>[WidestInEightBytes + 1];
        var bits = new ulong[8];
        for (var width = 1; width < shifts.Length; width++)
        {
            for (var i = 0; i < 8; i++)
            {
                bits[i] = (ulong)(i * width) & 7;
            }

            shifts[width] = Vector512.Create(bits);
        }

        return shifts;
    }
}
