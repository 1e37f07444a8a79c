using System.IO.Compression;
using Flyball.Traces.Bytes;

namespace Flyball.Traces.Segments;

/// <summary>A run of the sorted dictionary of a segment: texts, and for each the pages it occurs in.</summary>
/// <remarks>
/// <code>
/// column of lengths   packed: 1 byte (0 as is, 1 Brotli)   text bytes: uvarint, stored bytes: uvarint, bytes
/// column of page counts (0 = more than half of all pages)   column of page differences, all strings one after the other
/// </code>
/// </remarks>
internal sealed class StringBlock
{
    private const int Window = 18;

    private readonly byte[] _texts;
    private readonly int[] _ends;
    private readonly int[] _pageEnds;
    private readonly int[] _pages;

    private StringBlock(byte[] texts, int[] ends, int[] pageEnds, int[] pages)
    {
        _texts = texts;
        _ends = ends;
        _pageEnds = pageEnds;
        _pages = pages;
    }

    public int Count => _ends.Length;

    /// <summary>Bytes held in memory.</summary>
    public int Size => _texts.Length + (4 * (_ends.Length + _pageEnds.Length + _pages.Length));

    public ReadOnlySpan<byte> this[int index] => _texts.AsSpan((index == 0 ? 0 : _ends[index - 1])..(_ends[index]));

    /// <summary>The pages a string occurs in, rising; empty means "look into all of them".</summary>
    public ReadOnlySpan<int> PagesOf(int index) => _pages.AsSpan((index == 0 ? 0 : _pageEnds[index - 1])..(_pageEnds[index]));

    /// <summary>The index of a text, or -1.</summary>
    public int Find(ReadOnlySpan<byte> text)
    {
        int low = 0, high = Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = this[middle].SequenceCompareTo(text);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    /// <summary>Writes a block.</summary>
    /// <param name="quality">Brotli's, 0 to 11.</param>
    public static void Write(
        ReadOnlySpan<ulong> lengths, ReadOnlySpan<byte> texts, ReadOnlySpan<ulong> pageCounts, ReadOnlySpan<ulong> pages, int quality, ByteWriter to)
    {
        ColumnCodec.Write(lengths, to, thorough: true);
        WriteTexts(texts, quality, to);
        ColumnCodec.Write(pageCounts, to, thorough: true);
        to.Varint((ulong)pages.Length);
        ColumnCodec.Write(pages, to, thorough: true);
    }

    public static StringBlock Read(ReadOnlySpan<byte> bytes, int count)
    {
        var from = new ByteReader(bytes);
        var lengths = new ulong[count];
        ColumnCodec.Read(ref from, lengths);
        var ends = EndsOf(lengths);
        var texts = ReadTexts(ref from);
        var counts = new ulong[count];
        ColumnCodec.Read(ref from, counts);
        var pageEnds = EndsOf(counts);
        var differences = new ulong[from.Count(bytes.Length * 64)];
        ColumnCodec.Read(ref from, differences);
        if ((count > 0 ? ends[^1] : 0) != texts.Length || (count > 0 ? pageEnds[^1] : 0) != differences.Length)
        {
            throw new InvalidDataException("the lengths of a string block do not add up");
        }

        return new StringBlock(texts, ends, pageEnds, PagesFrom(differences, pageEnds));
    }

    private static void WriteTexts(ReadOnlySpan<byte> texts, int quality, ByteWriter to)
    {
        var most = BrotliEncoder.GetMaxCompressedLength(texts.Length);
        var packed = new byte[most];
        if (BrotliEncoder.TryCompress(texts, packed, out var written, quality, Window) && written < texts.Length)
        {
            to.Byte(1);
            to.Varint((ulong)texts.Length);
            to.Varint((ulong)written);
            to.Bytes(packed.AsSpan(0, written));
        }
        else
        {
            to.Byte(0);
            to.Varint((ulong)texts.Length);
            to.Varint((ulong)texts.Length);
            to.Bytes(texts);
        }
    }

    private static byte[] ReadTexts(ref ByteReader from)
    {
        var isPacked = from.Byte() != 0;
        var texts = new byte[from.Count(1 << 30)];
        var stored = from.Bytes(from.Count(int.MaxValue));
        if (!isPacked)
        {
            stored.CopyTo(texts);
        }
        else if (!BrotliDecoder.TryDecompress(stored, texts, out var written) || written != texts.Length)
        {
            throw new InvalidDataException("the texts of a string block cannot be unpacked");
        }

        return texts;
    }

    private static int[] EndsOf(ulong[] lengths)
    {
        var ends = new int[lengths.Length];
        ulong end = 0;
        for (var i = 0; i < lengths.Length; i++)
        {
            end = checked(end + lengths[i]);
            ends[i] = checked((int)end);
        }

        return ends;
    }

    private static int[] PagesFrom(ulong[] differences, int[] ends)
    {
        var pages = new int[differences.Length];
        var at = 0;
        foreach (var end in ends)
        {
            var page = 0;
            for (; at < end; at++)
            {
                page = checked(page + (int)differences[at]);
                pages[at] = page;
            }
        }

        return pages;
    }
}
