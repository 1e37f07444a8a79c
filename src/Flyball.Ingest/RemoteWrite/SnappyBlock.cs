using System.Buffers;

namespace Flyball.Ingest.RemoteWrite;

/// <summary>Reads the snappy block format into memory the caller gives. Layout: snappy, "format_description.txt".</summary>
/// <remarks>
/// <code>
/// uvarint uncompressed length, then elements:
///   ......00  literal: length-1 in the upper 6 bits, or 60..63 = that many minus 59 bytes of it follow
///   ooolll01  copy of 4 + lll bytes, offset ooo and one more byte
///   llllll10  copy of 1 + llllll bytes, offset two bytes        llllll11  the same, offset four bytes
/// </code>
/// </remarks>
internal static class SnappyBlock
{
    // Three bytes of a copy element make at most 64.
    private const int MostExpansion = 22;

    /// <summary>How long the content is.</summary>
    /// <exception cref="InvalidDataException">The length is malformed or larger than the limit.</exception>
    public static int ReadLength(ReadOnlySpan<byte> block, int limit, out int headerLength)
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
