using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace Flyball.Model.Wire;

/// <summary>Packs bytes into the snappy block format. Layout: see <see cref="Snappy"/>.</summary>
/// <remarks>Greedy matching over a table of four-byte hashes, in stretches of 64 KiB so that every copy's offset fits two bytes;
/// the method of the format's authors.</remarks>
internal static class SnappyEncoder
{
    private const int Stretch = 1 << 16;
    private const int TableBits = 14;
    private const int ShortestMatch = 4;
    private const int LongestCopy = 64;

    public static void Encode(ReadOnlySpan<byte> content, IBufferWriter<byte> output)
    {
        WriteLength(content.Length, output);
        var table = ArrayPool<ushort>.Shared.Rent(1 << TableBits);
        while (!content.IsEmpty)
        {
            var stretch = content[..Math.Min(Stretch, content.Length)];
            Array.Clear(table, 0, 1 << TableBits);
            EncodeStretch(stretch, table, output);
            content = content[stretch.Length..];
        }

        ArrayPool<ushort>.Shared.Return(table);
    }

    private static void EncodeStretch(ReadOnlySpan<byte> bytes, ushort[] table, IBufferWriter<byte> output)
    {
        var pending = 0;
        var at = 1;
        while (at + ShortestMatch <= bytes.Length)
        {
            var here = BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
            ref var slot = ref table[(here * 0x1e35a7bd) >> (32 - TableBits)];
            int candidate = slot;
            slot = (ushort)at;
            if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[candidate..]) != here || candidate >= at)
            {
                // The longer nothing matches, the larger the steps: what does not compress passes quickly.
                at += 1 + ((at - pending) >> 5);
                continue;
            }

            var length = ShortestMatch + bytes[(at + ShortestMatch)..].CommonPrefixLength(bytes[(candidate + ShortestMatch)..]);
            WriteLiteral(bytes[pending..at], output);
            WriteCopies(at - candidate, length, output);
            at += length;
            pending = at;
        }

        WriteLiteral(bytes[pending..], output);
    }

    private static void WriteLength(int length, IBufferWriter<byte> output)
    {
        var to = output.GetSpan(5);
        var at = 0;
        var rest = (uint)length;
        for (; rest >= 0x80; rest >>= 7)
        {
            to[at++] = (byte)(rest | 0x80);
        }

        to[at++] = (byte)rest;
        output.Advance(at);
    }

    private static void WriteLiteral(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        var to = output.GetSpan(bytes.Length + 3);
        var last = bytes.Length - 1;
        int head;
        if (last < 60)
        {
            to[0] = (byte)(last << 2);
            head = 1;
        }
        else
        {
            head = 1 + ((BitOperations.Log2((uint)last) / 8) + 1);
            to[0] = (byte)((58 + head) << 2);
            to[1] = (byte)last;
            to[2] = (byte)(last >> 8);
        }

        bytes.CopyTo(to[head..]);
        output.Advance(head + bytes.Length);
    }

    private static void WriteCopies(int offset, int length, IBufferWriter<byte> output)
    {
        for (; length > 0; length -= Math.Min(length, LongestCopy))
        {
            var to = output.GetSpan(3);
            to[0] = (byte)(((Math.Min(length, LongestCopy) - 1) << 2) | 2);
            BinaryPrimitives.WriteUInt16LittleEndian(to[1..], (ushort)offset);
            output.Advance(3);
        }
    }
}
