using Flyball.Traces.Bytes;

namespace Flyball.Traces.Segments;

/// <summary>Where a section lies and what its checksum is.</summary>
internal readonly record struct Section(long Offset, int Length, uint Checksum);

/// <summary>A page of a segment with what search must know before it reads it.</summary>
/// <param name="FirstTrace">Ordinal of the trace of its first row.</param>
/// <param name="HasArrays">Whether texts may hide inside array attributes, where the postings do not see them.</param>
internal readonly record struct PageEntry(
    Section Section, int FirstRow, int Rows, int FirstTrace, ulong MinStart, ulong MaxStart, ulong MaxEnd, ulong MaxDuration, bool HasError, bool HasArrays);

/// <summary>A block of the dictionary.</summary>
internal readonly record struct StringBlockEntry(Section Section, int FirstId, int Count, byte[] FirstText);

/// <summary>Between which values the numbers of an attribute lie on a page, on spans, resources, events and links alike.</summary>
internal readonly record struct NumberRange(int Key, double Least, double Most);

/// <summary>That traces have left a segment for their age.</summary>
/// <param name="Policy">The policy that said so.</param>
/// <param name="Border">The age, nanoseconds.</param>
internal sealed record Thinned(ulong Policy, ulong Border);

/// <summary>The table of contents of a segment.</summary>
internal sealed record SegmentFooter
{
    public required int Spans { get; init; }

    public required int Traces { get; init; }

    public required int Strings { get; init; }

    public required ulong MinStart { get; init; }

    public required ulong MaxStart { get; init; }

    public required ulong MaxEnd { get; init; }

    public required Section TraceTable { get; init; }

    public required PageEntry[] Pages { get; init; }

    public required StringBlockEntry[] StringBlocks { get; init; }

    /// <summary>Segments whose spans are all in this one: compaction's inputs, to be deleted if a crash left them.</summary>
    public required long[] Replaces { get; init; }

    /// <summary>String ids of the attribute keys, per kind of owner in the order of <see cref="Flyball.Model.Spans.AttributeOwner"/>.</summary>
    public required int[][] Keys { get; init; }

    /// <summary>Per page the ranges of its numeric attributes; null in segments written before there were any.</summary>
    public NumberRange[][]? Numbers { get; init; }

    /// <summary>Which traces have left the segment for their age; null while none have.</summary>
    public Thinned? Thinned { get; init; }

    public void Write(ByteWriter to)
    {
        to.Varint((ulong)Spans);
        to.Varint((ulong)Traces);
        to.Varint((ulong)Strings);
        to.UInt64(MinStart);
        to.UInt64(MaxStart);
        to.UInt64(MaxEnd);
        Write(TraceTable, to);
        to.Varint((ulong)Pages.Length);
        foreach (var page in Pages)
        {
            Write(page.Section, to);
            to.Varint((ulong)page.Rows);
            to.Varint((ulong)page.FirstTrace);
            to.UInt64(page.MinStart);
            to.UInt64(page.MaxStart);
            to.UInt64(page.MaxEnd);
            to.Varint(page.MaxDuration);
            to.Byte((byte)((page.HasError ? 1 : 0) | (page.HasArrays ? 2 : 0)));
        }

        to.Varint((ulong)StringBlocks.Length);
        foreach (var block in StringBlocks)
        {
            Write(block.Section, to);
            to.Varint((ulong)block.Count);
            to.Varint((ulong)block.FirstText.Length);
            to.Bytes(block.FirstText);
        }

        to.Varint((ulong)Replaces.Length);
        foreach (var number in Replaces)
        {
            to.Varint((ulong)number);
        }

        foreach (var keys in Keys)
        {
            to.Varint((ulong)keys.Length);
            foreach (var key in keys)
            {
                to.Varint((ulong)key);
            }
        }

        WriteAdditions(to);
    }

    // Came later; a reader of the first version stops before them, and they are missing in segments of that time.
    private void WriteAdditions(ByteWriter to)
    {
        to.Byte((byte)(Thinned is null ? 0 : 1));
        if (Thinned is { } thinned)
        {
            to.UInt64(thinned.Policy);
            to.UInt64(thinned.Border);
        }

        foreach (var ranges in Numbers ?? [])
        {
            to.Varint((ulong)ranges.Length);
            foreach (var range in ranges)
            {
                to.Varint((ulong)range.Key);
                to.UInt64(BitConverter.DoubleToUInt64Bits(range.Least));
                to.UInt64(BitConverter.DoubleToUInt64Bits(range.Most));
            }
        }
    }

    public static SegmentFooter Read(ReadOnlySpan<byte> bytes)
    {
        var from = new ByteReader(bytes);
        var spans = from.Count(int.MaxValue);
        var traces = from.Count(spans);
        var strings = from.Count(int.MaxValue);
        var minStart = from.UInt64();
        var maxStart = from.UInt64();
        var maxEnd = from.UInt64();
        var table = ReadSection(ref from);
        var footer = new SegmentFooter
        {
            Spans = spans,
            Traces = traces,
            Strings = strings,
            MinStart = minStart,
            MaxStart = maxStart,
            MaxEnd = maxEnd,
            TraceTable = table,
            Pages = ReadPages(ref from, bytes.Length),
            StringBlocks = ReadBlocks(ref from, bytes.Length),
            Replaces = ReadReplaces(ref from, bytes.Length),
            Keys = ReadKeys(ref from, strings),
        };
        return from.AtEnd ? footer : ReadAdditions(ref from, footer);
    }

    private static SegmentFooter ReadAdditions(ref ByteReader from, SegmentFooter footer)
    {
        Thinned? thinned = from.Byte() == 1 ? new Thinned(from.UInt64(), from.UInt64()) : null;
        var numbers = new NumberRange[footer.Pages.Length][];
        foreach (ref var ranges in numbers.AsSpan())
        {
            ranges = new NumberRange[from.Count(footer.Strings)];
            foreach (ref var range in ranges.AsSpan())
            {
                var key = from.Count(footer.Strings - 1);
                range = new NumberRange(key, BitConverter.UInt64BitsToDouble(from.UInt64()), BitConverter.UInt64BitsToDouble(from.UInt64()));
            }
        }

        return footer with { Numbers = numbers, Thinned = thinned };
    }

    private static PageEntry[] ReadPages(ref ByteReader from, int most)
    {
        var pages = new PageEntry[from.Count(most)];
        var row = 0;
        for (var i = 0; i < pages.Length; i++)
        {
            var section = ReadSection(ref from);
            var rows = from.Count(SegmentFormat.PageRows);
            var firstTrace = from.Count(int.MaxValue);
            var (minStart, maxStart, maxEnd, maxDuration) = (from.UInt64(), from.UInt64(), from.UInt64(), from.Varint());
            var flags = from.Byte();
            pages[i] = new PageEntry(
                section, row, rows, firstTrace, minStart, maxStart, maxEnd, maxDuration, (flags & 1) != 0, (flags & 2) != 0);
            row = checked(row + rows);
        }

        return pages;
    }

    private static StringBlockEntry[] ReadBlocks(ref ByteReader from, int most)
    {
        var blocks = new StringBlockEntry[from.Count(most)];
        var id = 0;
        for (var i = 0; i < blocks.Length; i++)
        {
            var section = ReadSection(ref from);
            var count = from.Count(int.MaxValue);
            blocks[i] = new StringBlockEntry(section, id, count, from.Bytes(from.Count(most)).ToArray());
            id = checked(id + count);
        }

        return blocks;
    }

    private static long[] ReadReplaces(ref ByteReader from, int most)
    {
        var replaces = new long[from.Count(most)];
        foreach (ref var number in replaces.AsSpan())
        {
            number = (long)from.Varint();
        }

        return replaces;
    }

    private static int[][] ReadKeys(ref ByteReader from, int strings)
    {
        var keys = new int[KeyCollector.Owners][];
        foreach (ref var list in keys.AsSpan())
        {
            list = new int[from.Count(strings)];
            foreach (ref var key in list.AsSpan())
            {
                key = from.Count(strings - 1);
            }
        }

        return keys;
    }

    private static void Write(Section section, ByteWriter to)
    {
        to.Varint((ulong)section.Offset);
        to.Varint((ulong)section.Length);
        to.UInt32(section.Checksum);
    }

    private static Section ReadSection(ref ByteReader from) => new((long)from.Varint(), from.Count(int.MaxValue), from.UInt32());
}
