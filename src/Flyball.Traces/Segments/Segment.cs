using System.Runtime.InteropServices;
using Flyball.Durable.Checksums;
using Flyball.Durable.Files;
using Flyball.Model.Spans;
using Flyball.Traces.Pages;
using Flyball.Traces.Strings;

namespace Flyball.Traces.Segments;

/// <summary>An immutable file of spans, opened for reading. Safe from many threads between <see cref="TryHold"/> and <see cref="Release"/>.</summary>
/// <remarks>The opener holds it once; the mapping goes when the last holder lets go, so a segment that was replaced or expired
/// stays readable for the queries that already use it.</remarks>
internal sealed class Segment : IStringSource
{
    private readonly IMappedFile _map;
    private readonly StringBlockCache _cache;
    private int _holders = 1;

    private Segment(string path, long number, IMappedFile map, SegmentFooter footer, StringBlockCache cache)
    {
        Path = path;
        Number = number;
        _map = map;
        Footer = footer;
        _cache = cache;
        HasArrays = Array.Exists(footer.Pages, p => p.HasArrays);
    }

    public string Path { get; }

    /// <summary>Rises with every segment ever written.</summary>
    public long Number { get; }

    public SegmentFooter Footer { get; }

    public long Length => _map.Length;

    public int Count => Footer.Strings;

    /// <summary>Whether any page has array attributes.</summary>
    public bool HasArrays { get; }

    public ReadOnlySpan<byte> this[int id]
    {
        get
        {
            var block = BlockOf(id);
            return _cache.Get(this, block)[id - Footer.StringBlocks[block].FirstId];
        }
    }

    /// <summary>Opens a file and checks its footer and trace table.</summary>
    /// <exception cref="DamagedFileException">It is not a whole segment.</exception>
    public static Segment Open(IFileSystem files, string path, long number, StringBlockCache cache)
    {
        var map = files.Map(path);
        try
        {
            return new Segment(path, number, map, ReadFooter(map, path), cache);
        }
        catch (Exception e)
        {
            map.Dispose();
            if (e is InvalidDataException or OverflowException or ArgumentOutOfRangeException)
            {
                throw new DamagedFileException(path, 0, e.Message, e);
            }

            throw;
        }
    }

    /// <summary>Keeps the mapping alive; false when it is gone already.</summary>
    public bool TryHold()
    {
        var holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            var seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
            {
                return true;
            }

            holders = seen;
        }

        return false;
    }

    /// <summary>Ends a hold.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _cache.Forget(this);
            _map.Dispose();
        }
    }

    public int Find(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return 0;
        }

        var block = BlockOf(text);
        var index = _cache.Get(this, block).Find(text);
        return index < 0 ? -1 : Footer.StringBlocks[block].FirstId + index;
    }

    /// <summary>The pages a string occurs in, rising; empty means "look into all of them".</summary>
    public ReadOnlySpan<int> PagesOf(int id)
    {
        var block = BlockOf(id);
        return _cache.Get(this, block).PagesOf(id - Footer.StringBlocks[block].FirstId);
    }

    /// <summary>Finds the rows of a trace.</summary>
    public bool TryFindTrace(TraceId id, out int firstRow, out int untilRow)
    {
        var ids = TraceIds;
        var order = TraceOrder;
        int low = 0, high = Footer.Traces - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var ordinal = order[middle] < (uint)Footer.Traces ? (int)order[middle] : throw DamagedTable("an ordinal points outside");
            var comparison = TraceId.Read(ids.Slice(ordinal * TraceId.Size, TraceId.Size)).CompareTo(id);
            if (comparison == 0)
            {
                (firstRow, untilRow) = RowsOf(ordinal);
                return true;
            }

            (low, high) = comparison < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        (firstRow, untilRow) = (0, 0);
        return false;
    }

    /// <summary>A trace by its place in the order of the rows.</summary>
    public (TraceId Id, int FirstRow, int UntilRow) TraceAt(int ordinal)
    {
        var (firstRow, untilRow) = RowsOf(ordinal);
        return (TraceId.Read(TraceIds.Slice(ordinal * TraceId.Size, TraceId.Size)), firstRow, untilRow);
    }

    /// <summary>Compares the checksum of the trace table again, before what it says is copied into another segment.</summary>
    /// <exception cref="DamagedFileException">It has changed since the segment was opened.</exception>
    public void CheckTraceTable() => Check(_map, Path, Footer.TraceTable);

    /// <summary>The page that holds a row.</summary>
    public int PageOf(int row) => row / SegmentFormat.PageRows;

    /// <summary>Decodes a page.</summary>
    /// <exception cref="DamagedFileException">Its bytes are not what was written.</exception>
    public SpanPage ReadPage(int index) => ReadPage(index, ColumnChoice.All);

    /// <summary>Decodes some columns of a page.</summary>
    /// <exception cref="DamagedFileException">Its bytes are not what was written.</exception>
    public SpanPage ReadPage(int index, ColumnChoice choice)
    {
        var entry = Footer.Pages[index];
        var bytes = Checked(entry.Section);
        try
        {
            return PageDecoder.Read(bytes, this, (page, count) => FillTraceIds(page, entry, count), choice);
        }
        catch (InvalidDataException e)
        {
            throw new DamagedFileException(Path, entry.Section.Offset, e.Message, e);
        }
    }

    /// <summary>Decodes a string block; callers go through the cache.</summary>
    public StringBlock LoadStrings(int block)
    {
        var entry = Footer.StringBlocks[block];
        try
        {
            return StringBlock.Read(Checked(entry.Section), entry.Count);
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException)
        {
            throw new DamagedFileException(Path, entry.Section.Offset, e.Message, e);
        }
    }

    private ReadOnlySpan<byte> TraceIds => _map.Slice(Footer.TraceTable.Offset, Footer.Traces * TraceId.Size);

    private ReadOnlySpan<uint> TraceFirstRows =>
        MemoryMarshal.Cast<byte, uint>(_map.Slice(Footer.TraceTable.Offset + (Footer.Traces * (long)TraceId.Size), Footer.Traces * 4));

    private ReadOnlySpan<uint> TraceOrder =>
        MemoryMarshal.Cast<byte, uint>(_map.Slice(Footer.TraceTable.Offset + (Footer.Traces * (long)(TraceId.Size + 4)), Footer.Traces * 4));

    private int UntilRowOf(int trace) => trace + 1 < Footer.Traces ? (int)TraceFirstRows[trace + 1] : Footer.Spans;

    // The table's checksum was compared when the segment was opened; bits that flip on the disk later must not lead outside.
    private (int First, int Until) RowsOf(int trace)
    {
        var first = TraceFirstRows[trace];
        var until = UntilRowOf(trace);
        return first < (uint)until && until <= Footer.Spans ? ((int)first, until) : throw DamagedTable("the rows of a trace lie outside");
    }

    private DamagedFileException DamagedTable(string problem) => new(Path, Footer.TraceTable.Offset, $"in the trace table {problem}");

    private void FillTraceIds(SpanPage page, PageEntry entry, int count)
    {
        if (count != entry.Rows)
        {
            throw new InvalidDataException("a page has another number of rows than the footer says");
        }

        var high = page.TraceHigh.Take(count);
        var low = page.TraceLow.Take(count);
        var trace = entry.FirstTrace;
        for (var row = 0; row < count; trace++)
        {
            var id = TraceId.Read(TraceIds.Slice(trace * TraceId.Size, TraceId.Size));
            var until = Math.Min(UntilRowOf(trace) - entry.FirstRow, count);
            high[row..until].Fill(id.High);
            low[row..until].Fill(id.Low);
            row = until;
        }
    }

    private int BlockOf(int id)
    {
        var blocks = Footer.StringBlocks;
        int low = 0, high = blocks.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            (low, high) = blocks[middle].FirstId <= id ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    private int BlockOf(ReadOnlySpan<byte> text)
    {
        var blocks = Footer.StringBlocks;
        int low = 0, high = blocks.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            (low, high) = text.SequenceCompareTo(blocks[middle].FirstText) >= 0 ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    private ReadOnlySpan<byte> Checked(Section section)
    {
        var bytes = _map.Slice(section.Offset, section.Length);
        return Crc32C.Of(bytes) == section.Checksum
            ? bytes
            : throw new DamagedFileException(Path, section.Offset, "the checksum does not match");
    }

    private static SegmentFooter ReadFooter(IMappedFile map, string path)
    {
        if (map.Length < SegmentFormat.Magic.Length + SegmentFormat.TailSize)
        {
            throw new DamagedFileException(path, 0, "the file is too short for a segment");
        }

        var tail = map.Slice(map.Length - SegmentFormat.TailSize, SegmentFormat.TailSize);
        var head = map.Slice(0, SegmentFormat.Magic.Length);
        if (!head.SequenceEqual(SegmentFormat.Magic) || !tail[8..].SequenceEqual(SegmentFormat.Magic))
        {
            var known = head[..7].SequenceEqual(SegmentFormat.Magic[..7]) && tail[8..15].SequenceEqual(SegmentFormat.Magic[..7]);
            throw new DamagedFileException(
                path, 0, known ? $"segments of version {head[7]} are not known here; a later Flyball wrote it" : "it is not a segment, or cut off");
        }

        var length = MemoryMarshal.Read<uint>(tail);
        var footer = map.Slice(map.Length - SegmentFormat.TailSize - length, checked((int)length));
        if (Crc32C.Of(footer) != MemoryMarshal.Read<uint>(tail[4..]))
        {
            throw new DamagedFileException(path, map.Length - SegmentFormat.TailSize - length, "the checksum of the footer does not match");
        }

        var read = SegmentFooter.Read(footer);
        Check(map, path, read.TraceTable);
        return read;
    }

    private static void Check(IMappedFile map, string path, Section traceTable)
    {
        if (Crc32C.Of(map.Slice(traceTable.Offset, traceTable.Length)) != traceTable.Checksum)
        {
            throw new DamagedFileException(path, traceTable.Offset, "the checksum of the trace table does not match");
        }
    }
}
