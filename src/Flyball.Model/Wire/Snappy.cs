using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Flyball.Model.Wire;

/// <summary>The snappy block format, into memory the caller gives. Layout: snappy, "format_description.txt".</summary>
/// <remarks>
/// <code>
/// uvarint uncompressed length, then elements:
///   ......00  literal: length-1 in the upper 6 bits, or 60..63 = that many minus 59 bytes of it follow
///   ooolll01  copy of 4 + lll bytes, offset ooo and one more byte
///   llllll10  copy of 1 + llllll bytes, offset two bytes        llllll11  the same, offset four bytes
/// </code>
/// </remarks>
public static class Snappy
{
    // Three bytes of a copy element make at most 64.
    private const int MostExpansion = 22;

    /// <summary>Encodes a block.</summary>
    public static void Encode(ReadOnlySpan<byte> content, IBufferWriter<byte> output) => SnappyEncoder.Encode(content, output);

    /// <summary>How long the content is.</summary>
    /// <exception cref="InvalidDataException">The length is malformed or larger than the limit.</exception>
    internal static int ReadLength(ReadOnlySpan<byte> block, int limit, out int headerLength)
    {
        ulong length = 0;
        headerLength = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            if (headerLength >= block.Length)
            {
                break;
            }

            var next = block[headerLength++];
            length |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return length <= (ulong)limit ? (int)length : throw new InvalidDataException($"snappy: {length} bytes are more than the limit of {limit}");
            }
        }

        throw new InvalidDataException("snappy: the length is malformed");
    }

    /// <summary>Decodes a block.</summary>
    /// <param name="limit">Most bytes of content.</param>
    /// <exception cref="InvalidDataException">It is no such block, or its content is longer than the limit.</exception>
    public static void Decode(ReadOnlySpan<byte> block, int limit, IBufferWriter<byte> output)
    {
        var length = ReadLength(block, limit, out var at);
        if (length / MostExpansion > block.Length)
        {
            // Checked before memory is taken: the length alone costs an attacker five bytes.
            throw new InvalidDataException($"snappy: {block.Length} bytes cannot hold the {length} they announce");
        }

        var content = output.GetSpan(Math.Max(length, 1))[..length];
        Decode(block[at..], content);
        output.Advance(length);
    }

    private static void Decode(ReadOnlySpan<byte> elements, Span<byte> content)
    {
        int at = 0, filled = 0;
        while (at < elements.Length)
        {
            DecodeShort(elements, content, ref at, ref filled);
            if (at == elements.Length)
            {
                break;
            }

            var tag = elements[at++];
            if ((tag & 3) == 0)
            {
                var length = LiteralLength(elements, tag, ref at);
                if (length > elements.Length - at || length > content.Length - filled)
                {
                    throw Malformed(at);
                }

                elements.Slice(at, length).CopyTo(content[filled..]);
                at += length;
                filled += length;
                continue;
            }

            var (count, offset) = ReadCopy(elements, tag, ref at);
            if (offset <= 0 || offset > filled || count > content.Length - filled)
            {
                throw Malformed(at);
            }

            Copy(content, filled, offset, count);
            filled += count;
        }

        if (filled != content.Length)
        {
            throw new InvalidDataException($"snappy: {content.Length} bytes are announced, {filled} are there");
        }
    }

    // Nearly all elements are a few bytes long. Far enough from both ends they are copied 16 bytes at a time, whatever their length: what
    // is written too much is written over by the next element. Stops before anything rare or wrong, which the careful loop judges.
    private static void DecodeShort(ReadOnlySpan<byte> elements, Span<byte> content, ref int at, ref int filled)
    {
        const int Longest = 64, Stride = 16;
        ref var source = ref MemoryMarshal.GetReference(elements);
        ref var target = ref MemoryMarshal.GetReference(content);
        var lastAt = elements.Length - Longest - 1;
        var lastFilled = content.Length - Longest;
        while (at <= lastAt && filled <= lastFilled)
        {
            int tag = Unsafe.Add(ref source, at), length, offset, size;
            switch (tag & 3)
            {
                case 0:
                    length = (tag >> 2) + 1;
                    if (length > Longest - 4)
                    {
                        return;
                    }

                    for (var done = 0; done < length; done += Stride)
                    {
                        Copy16(ref Unsafe.Add(ref source, at + 1 + done), ref Unsafe.Add(ref target, filled + done));
                    }

                    at += length + 1;
                    filled += length;
                    continue;
                case 1:
                    length = ((tag >> 2) & 7) + 4;
                    offset = ((tag >> 5) << 8) | Unsafe.Add(ref source, at + 1);
                    size = 2;
                    break;
                case 2:
                    length = (tag >> 2) + 1;
                    offset = elements[at + 1] | (elements[at + 2] << 8);
                    size = 3;
                    break;
                default:
                    return;
            }

            // Nearer than a stride the copy would read what it has not written yet.
            if (offset < Stride || offset > filled)
            {
                return;
            }

            for (var done = 0; done < length; done += Stride)
            {
                Copy16(ref Unsafe.Add(ref target, filled - offset + done), ref Unsafe.Add(ref target, filled + done));
            }

            at += size;
            filled += length;
        }
    }

    private static void Copy16(ref byte from, ref byte to) => Vector128.LoadUnsafe(ref from).StoreUnsafe(ref to);

    private static int LiteralLength(ReadOnlySpan<byte> elements, byte tag, ref int at)
    {
        var length = tag >> 2;
        if (length < 60)
        {
            return length + 1;
        }

        var bytes = length - 59;
        return checked((int)Math.Min(ReadNumber(elements, bytes, ref at), int.MaxValue - 1)) + 1;
    }

    private static (int Count, int Offset) ReadCopy(ReadOnlySpan<byte> elements, byte tag, ref int at) => (tag & 3) switch
    {
        1 => (((tag >> 2) & 7) + 4, ((tag >> 5) << 8) | (int)ReadNumber(elements, 1, ref at)),
        2 => ((tag >> 2) + 1, (int)ReadNumber(elements, 2, ref at)),
        _ => ((tag >> 2) + 1, (int)Math.Min(ReadNumber(elements, 4, ref at), int.MaxValue)),
    };

    private static uint ReadNumber(ReadOnlySpan<byte> elements, int bytes, ref int at)
    {
        if (bytes > elements.Length - at)
        {
            throw Malformed(at);
        }

        uint number = 0;
        for (var i = bytes - 1; i >= 0; i--)
        {
            number = (number << 8) | elements[at + i];
        }

        at += bytes;
        return number;
    }

    // A copy may reach into what it writes: that repeats the bytes before it.
    private static void Copy(Span<byte> content, int to, int offset, int count)
    {
        if (offset >= count)
        {
            content.Slice(to - offset, count).CopyTo(content[to..]);
            return;
        }

        for (var i = 0; i < count; i++)
        {
            content[to + i] = content[to + i - offset];
        }
    }

    private static InvalidDataException Malformed(int at) => new($"snappy: malformed at byte {at}");
}
