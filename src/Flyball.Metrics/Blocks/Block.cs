using System.Buffers.Binary;
using Flyball.Durable.Files;
using Flyball.Metrics.Pages;
using Flyball.Model.Histograms;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.Blocks;

/// <summary>An open block.</summary>
/// <remarks>Safe from many threads. Held by its set and by every selection that reads it; unmapped when the last lets go.</remarks>
internal sealed class Block : IDisposable
{
    private const int BytesBehind = 64;

    private readonly BlockFile _file;
    private int _holders = 1;

    public Block(IFileSystem files, string path, long number)
    {
        Number = number;
        _file = new BlockFile(files, path);
        try
        {
            Facts = BlockFacts.Read(_file.Whole(BlockSection.Facts));
            Index = new BlockIndex(_file, Facts.SeriesCount);
        }
        catch (Exception e)
        {
            _file.Dispose();
            if (e is InvalidDataException)
            {
                throw new DamagedFileException(path, 0, e.Message, e);
            }

            throw;
        }
    }

    public long Number { get; }

    public string Path => _file.Path;

    public long Length => _file.Length;

    public BlockFacts Facts { get; }

    public BlockIndex Index { get; }

    public bool TryHold()
    {
        while (true)
        {
            var holders = Volatile.Read(ref _holders);
            if (holders == 0)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _holders, holders + 1, holders) == holders)
            {
                return true;
            }
        }
    }

    public void LetGo() => Dispose();

    /// <summary>One holder lets go.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _file.Dispose();
        }
    }

    /// <summary>Walks the series of one group after the other.</summary>
    public SeriesWalk Walk() => new(_file, Index);

    /// <summary>When a page's samples begin and end.</summary>
    public (long First, long Last) SpanOf(BlockPage page)
    {
        var entry = TimeEntry(page);
        var first = BinaryPrimitives.ReadInt64LittleEndian(entry);
        return (first, first + BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]));
    }

    /// <summary>Appends the samples of a page that lie in a range.</summary>
    /// <param name="known">Time columns decoded before; one per selection.</param>
    public void Read(BlockPage page, TimeRange range, SampleColumns to, KnownTimes known)
    {
        var times = Times(page, known);
        var from = LowerBound(times, range.First.Value);
        var until = range.Last.Value == long.MaxValue ? times.Length : LowerBound(times, range.Last.Value + 1);
        if (from >= until)
        {
            return;
        }

        to.NotePages(1);

        // With some bytes of the next page behind it a small page is unpacked eight numbers at a time to its end.
        var length = (int)Math.Min(page.Length + BytesBehind, _file.SizeOf(BlockSection.Values) - page.Place);
        var column = new ByteReader(_file.Slice(BlockSection.Values, page.Place, Math.Max(page.Length, length)));
        Span<long> starts = stackalloc long[(page.Kind & BlockFormat.StartsKind) != 0 ? times.Length : 0];
        if (!starts.IsEmpty)
        {
            IntegerColumn.Decode(ref column, starts);
        }

        if ((page.Kind & BlockFormat.HistogramKind) != 0)
        {
            AddHistograms(ref column, times, starts, from, until, to);
        }
        else
        {
            AddFloats(ref column, times, starts, from, until, to);
        }
    }

    private static void AddHistograms(
        ref ByteReader column, scoped ReadOnlySpan<long> times, scoped ReadOnlySpan<long> starts, int from, int until, SampleColumns to)
    {
        var histograms = new NativeHistogram[times.Length];
        HistogramColumn.Decode(ref column, histograms);
        for (var i = from; i < until; i++)
        {
            to.Add(times[i], histograms[i], starts.IsEmpty ? 0 : starts[i]);
        }
    }

    private static void AddFloats(
        ref ByteReader column, scoped ReadOnlySpan<long> times, scoped ReadOnlySpan<long> starts, int from, int until, SampleColumns to)
    {
        var before = to.Count;
        to.Reserve(times.Length, out var toTimes, out var toValues);
        DoubleColumn.Decode(ref column, toValues);
        times[from..until].CopyTo(toTimes);
        if (from > 0)
        {
            toValues[from..until].CopyTo(toValues);
        }

        to.Commit(until - from);
        for (var i = from; i < until && !starts.IsEmpty; i++)
        {
            to.SetStart(before + i - from, starts[i]);
        }
    }

    private static int LowerBound(ReadOnlySpan<long> times, long time)
    {
        var at = times.BinarySearch(time);
        return at >= 0 ? at : ~at;
    }

    private ReadOnlySpan<byte> TimeEntry(BlockPage page) =>
        _file.Slice(BlockSection.TimeTable, page.Time * (long)BlockFormat.TimeEntrySize, BlockFormat.TimeEntrySize);

    private long[] Times(BlockPage page, KnownTimes known)
    {
        if (known.Find(page.Time) is { } found)
        {
            return found;
        }

        var entry = TimeEntry(page);
        var first = BinaryPrimitives.ReadInt64LittleEndian(entry);
        var place = BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]);
        var times = new long[BinaryPrimitives.ReadUInt16LittleEndian(entry[16..])];

        // The column says itself where it ends; eleven bytes for every time are more than it can take.
        var most = (int)Math.Min((times.Length * 11) + 1024, _file.SizeOf(BlockSection.Times) - place);
        var from = new ByteReader(_file.Slice(BlockSection.Times, place, most));
        IntegerColumn.Decode(ref from, times);
        foreach (ref var time in times.AsSpan())
        {
            time += first;
        }

        known.Add(page.Time, times);
        return times;
    }
}

/// <summary>Where one page of a series lies.</summary>
/// <param name="Time">Number of its time column.</param>
/// <param name="Place">Where its value column begins.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Kind">What it holds, see <see cref="BlockFormat"/>.</param>
internal readonly record struct BlockPage(int Time, long Place, int Length, byte Kind);
