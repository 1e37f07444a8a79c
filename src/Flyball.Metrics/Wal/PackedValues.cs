using System.Buffers.Binary;
using Flyball.Metrics.Pages;

namespace Flyball.Metrics.Wal;

/// <summary>Values of a log record: whole numbers and hundredths, which most series hold, in as many bytes as they need.</summary>
/// <remarks>
/// <code>
/// uvarint  n · 4 + 1   the whole number n (zigzag)
/// uvarint  n · 4 + 3   n / 100 (zigzag)
/// 0x00, 8 bytes        any other bits
/// </code>
/// Each value stands alone: a chain, say of differences to the sample before, would spread damage over all later values.
/// </remarks>
internal static class PackedValues
{
    private const int MostBytes = 9;
    private const long Largest = 1L << 50;
    private const ulong Whole = 1, Hundredths = 3;

    public static void Write(ReadOnlySpan<ulong> bits, ByteWriter to)
    {
        var start = to.Length;
        var room = to.Take(bits.Length * MostBytes);
        var at = 0;
        foreach (var value in bits)
        {
            at += Write(value, room[at..]);
        }

        to.Truncate(start + at);
    }

    /// <summary>Reads values back.</summary>
    /// <exception cref="InvalidDataException">There are no such values.</exception>
    public static void Read(ref ByteReader from, Span<ulong> bits)
    {
        for (var i = 0; i < bits.Length; i++)
        {
            var packed = from.ReadUvarint();
            if (packed == 0)
            {
                bits[i] = from.ReadU64();
                continue;
            }

            var number = (long)(packed >> 3) ^ -(long)((packed >> 2) & 1);
            bits[i] = BitConverter.DoubleToUInt64Bits((packed & 3) == Whole ? number : number / 100.0);
        }
    }

    private static int Write(ulong bits, Span<byte> to)
    {
        var value = BitConverter.UInt64BitsToDouble(bits);
        var number = (long)value;
        if (BitConverter.DoubleToUInt64Bits(number) == bits && number is > -Largest and < Largest)
        {
            return WriteNumber(number, Whole, to);
        }

        var hundredths = Math.Round(value * 100);
        if (Math.Abs(hundredths) < Largest && BitConverter.DoubleToUInt64Bits(hundredths / 100) == bits && hundredths != 0)
        {
            return WriteNumber((long)hundredths, Hundredths, to);
        }

        to[0] = 0;
        BinaryPrimitives.WriteUInt64LittleEndian(to[1..], bits);
        return MostBytes;
    }

    private static int WriteNumber(long number, ulong kind, Span<byte> to)
    {
        var packed = ((ulong)((number << 1) ^ (number >> 63)) << 2) | kind;
        var at = 0;
        for (; packed >= 0x80; packed >>= 7)
        {
            to[at++] = (byte)(packed | 0x80);
        }

        to[at++] = (byte)packed;
        return at;
    }
}
