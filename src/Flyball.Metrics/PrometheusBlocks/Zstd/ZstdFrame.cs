using System.Buffers.Binary;

namespace Flyball.Metrics.PrometheusBlocks.Zstd;

/// <summary>Unpacks Zstandard frames, which Prometheus' log holds when it is told to. RFC 8878, section 3.1.</summary>
/// <remarks>
/// <code>
/// magic 0xFD2FB528 | descriptor | [window] | [dictionary] | [content size] | block* | [checksum]
/// block: u24 little-endian: last 1 bit, kind 2 bits (0 raw, 1 repeated byte, 2 compressed), size 21 bits; content
/// </code>
/// Dictionaries are not known here. The checksum is passed over: the log's own covers every part of a record.
/// </remarks>
internal static class ZstdFrame
{
    private const uint Magic = 0xfd2fb528, SkippableMagic = 0x184d2a50, SkippableMask = 0xfffffff0;

    /// <summary>Unpacks all frames in the bytes.</summary>
    /// <exception cref="InvalidDataException">They are damaged, or hold more than allowed.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> packed, int mostBytes)
    {
        var content = new List<byte>();
        while (!packed.IsEmpty)
        {
            var magic = BinaryPrimitives.ReadUInt32LittleEndian(Take(ref packed, 4));
            if ((magic & SkippableMask) == SkippableMagic)
            {
                Take(ref packed, checked((int)BinaryPrimitives.ReadUInt32LittleEndian(Take(ref packed, 4))));
                continue;
            }

            if (magic != Magic)
            {
                throw new InvalidDataException($"zstd: a frame begins with 0x{magic:x8}");
            }

            DecodeFrame(ref packed, content, mostBytes);
        }

        return [.. content];
    }

    private static void DecodeFrame(ref ReadOnlySpan<byte> packed, List<byte> to, int mostBytes)
    {
        int descriptor = Take(ref packed, 1)[0];
        var isSingle = (descriptor & 0x20) != 0;
        Take(ref packed, isSingle ? 0 : 1);
        if (Take(ref packed, (descriptor & 3) switch { 0 => 0, 1 => 1, 2 => 2, _ => 4 }).ContainsAnyExcept((byte)0))
        {
            throw new InvalidDataException("zstd: the frame needs a dictionary, which Prometheus never uses");
        }

        Take(ref packed, (descriptor >> 6) switch { 0 => isSingle ? 1 : 0, 1 => 2, 2 => 4, _ => 8 });

        // Copies reach back to the frame's own beginning only.
        var own = to.Count == 0 ? to : [];
        var block = new ZstdBlock(mostBytes);
        bool isLast;
        do
        {
            var head = Take(ref packed, 3);
            var number = head[0] | (head[1] << 8) | (head[2] << 16);
            isLast = (number & 1) != 0;
            var size = number >> 3;
            switch ((number >> 1) & 3)
            {
                case 0:
                    own.AddRange(Take(ref packed, size));
                    break;
                case 1:
                    var repeated = Take(ref packed, 1)[0];
                    CheckRoom(own.Count + size, mostBytes);
                    own.AddRange(Enumerable.Repeat(repeated, size));
                    break;
                case 2:
                    block.Decode(Take(ref packed, size), own);
                    break;
                default:
                    throw new InvalidDataException("zstd: a block is of no known kind");
            }

            CheckRoom(own.Count, mostBytes);
        }
        while (!isLast);

        Take(ref packed, (descriptor & 4) != 0 ? 4 : 0);
        if (!ReferenceEquals(own, to))
        {
            to.AddRange(own);
        }
    }

    private static void CheckRoom(int bytes, int most)
    {
        if (bytes > most)
        {
            throw new InvalidDataException($"zstd: the content is larger than {most} bytes");
        }
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> from, int count)
    {
        if (count > from.Length)
        {
            throw new InvalidDataException("zstd: the frame is cut off");
        }

        var taken = from[..count];
        from = from[count..];
        return taken;
    }
}
