using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Flyball.Metrics.Pages;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.Head;

/// <summary>Decodes what a <see cref="HeadSeriesView"/> captured; needs no lock.</summary>
internal readonly struct HeadReader(HeadPart head, ByteArena pages, SlotArena slots)
{
    // Header and columns of nearly every page.
    private const int PageStart = 128;

    /// <summary>Appends the samples in a range. Times rise unless the view overlaps, which its flags say.</summary>
    public void Read(HeadSeriesView view, TimeRange range, SampleColumns to)
    {
        Span<uint> chain = stackalloc uint[64];
        var sealedPages = new ValueList<uint>(chain);
        // From the newest backwards; where pages follow each other, those before the first one of the range need no look.
        var inOrder = (view.Flags & (SeriesFlags.Overlaps | SeriesFlags.OpenUnordered)) == SeriesFlags.None;
        for (var page = inOrder && OpenReachesBackTo(view, range.First.Value) ? 0 : view.LastPage; page != 0;)
        {
            var header = pages.From(page);
            var first = head.StartMs + BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
            var last = head.StartMs + BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
            if (first <= range.Last.Value && last >= range.First.Value)
            {
                sealedPages.Add(page);
            }

            page = inOrder && first <= range.First.Value ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(header);
        }

        for (var i = sealedPages.Count - 1; i >= 0; i--)
        {
            to.NotePages(1);
            ReadPage(pages.From(sealedPages[i]), range, to);
        }

        if (view.OpenCount > 0)
        {
            to.NotePages(1);
            ReadOpen(view, range, to);
        }
    }

    /// <summary>Asks the processor to fetch what the next reads of a series begin with, so that they need not wait for memory.</summary>
    public void Prefetch(HeadSeriesView view)
    {
        if (view.OpenCount > 0)
        {
            var words = slots.Words(view.Slot, view.SlotClass);
            Memory.Prefetch(ref words[0], words.Length * sizeof(ulong));
        }

        if (view.LastPage != 0)
        {
            Memory.Prefetch(ref MemoryMarshal.GetReference(pages.From(view.LastPage)), PageStart);
        }
    }

    private bool OpenReachesBackTo(HeadSeriesView view, long time) =>
        view.OpenCount > 0 && head.StartMs + new OpenSlot(slots.Words(view.Slot, view.SlotClass), view.SlotClass).Times[0] <= time;

    private void ReadPage(ReadOnlySpan<byte> page, TimeRange range, SampleColumns to)
    {
        var count = BinaryPrimitives.ReadUInt16LittleEndian(page[12..]);
        var flags = page[14];
        var from = new ByteReader(page[HeadPageWriter.HeaderSize..]);
        if (flags == 0)
        {
            ReadFloats(ref from, page, count, range, to);
            return;
        }

        Span<long> times = stackalloc long[count];
        Span<long> starts = stackalloc long[(flags & HeadPageWriter.Starts) != 0 ? count : 0];
        IntegerColumn.Decode(ref from, times);
        if (!starts.IsEmpty)
        {
            IntegerColumn.Decode(ref from, starts);
        }

        if ((flags & HeadPageWriter.Histograms) != 0)
        {
            for (var i = 0; i < count; i++)
            {
                AddHistogram(times[i], from.ReadU32(), starts.IsEmpty ? 0 : starts[i], range, to);
            }

            return;
        }

        Span<double> values = stackalloc double[count];
        DoubleColumn.Decode(ref from, values);
        AddFloats(times, values, starts, range, to);
    }

    // The usual page: it is decoded to where its samples go, and what lies outside the range is cut off.
    private void ReadFloats(ref ByteReader from, ReadOnlySpan<byte> page, int count, TimeRange range, SampleColumns to)
    {
        var first = BinaryPrimitives.ReadInt32LittleEndian(page[4..]);
        var last = BinaryPrimitives.ReadInt32LittleEndian(page[8..]);
        to.Reserve(count, out var times, out var values);
        HeadTimes.OfThisThread.Decode(ref from, first, last, times);
        IntegerColumn.AddToAll(MemoryMarshal.Cast<long, ulong>(times), (ulong)head.StartMs);
        DoubleColumn.Decode(ref from, values);
        to.Commit(head.StartMs + first >= range.First.Value && head.StartMs + last <= range.Last.Value ? count : Cut(times, values, range));
    }

    /// <summary>Moves the samples in range to the front.</summary>
    /// <param name="times">Rising.</param>
    /// <returns>How many there are.</returns>
    private static int Cut(Span<long> times, Span<double> values, TimeRange range)
    {
        var until = times.Length;
        while (until > 0 && times[until - 1] > range.Last.Value)
        {
            until--;
        }

        var from = 0;
        while (from < until && times[from] < range.First.Value)
        {
            from++;
        }

        if (from > 0)
        {
            times[from..until].CopyTo(times);
            values[from..until].CopyTo(values);
        }

        return until - from;
    }

    private void ReadOpen(HeadSeriesView view, TimeRange range, SampleColumns to)
    {
        var slot = new OpenSlot(slots.Words(view.Slot, view.SlotClass), view.SlotClass);
        if (!slot.HasStarts && (view.Flags & (SeriesFlags.OpenHistograms | SeriesFlags.OpenUnordered)) == SeriesFlags.None)
        {
            to.Reserve(view.OpenCount, out var toTimes, out var toValues);
            Widen(slot.Times[..view.OpenCount], head.StartMs, toTimes);
            MemoryMarshal.Cast<ulong, double>(slot.Values[..view.OpenCount]).CopyTo(toValues);
            to.Commit(Cut(toTimes, toValues, range));
            return;
        }

        Span<long> times = stackalloc long[view.OpenCount];
        var offsets = slot.Times[..view.OpenCount];
        for (var i = 0; i < times.Length; i++)
        {
            times[i] = offsets[i];
        }

        var starts = slot.HasStarts ? slot.Starts[..view.OpenCount] : default;
        if ((view.Flags & SeriesFlags.OpenHistograms) != SeriesFlags.None)
        {
            for (var i = 0; i < times.Length; i++)
            {
                AddHistogram(times[i], (uint)slot.Values[i], starts.IsEmpty ? 0 : starts[i], range, to);
            }

            return;
        }

        AddFloats(times, MemoryMarshal.Cast<ulong, double>(slot.Values), starts, range, to);
    }

    private static void Widen(ReadOnlySpan<int> offsets, long start, Span<long> times)
    {
        var i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            ref var from = ref MemoryMarshal.GetReference(offsets);
            for (; i <= offsets.Length - Vector256<int>.Count; i += Vector256<int>.Count)
            {
                var (low, high) = Vector256.Widen(Vector256.LoadUnsafe(ref from, (nuint)i));
                (low + Vector256.Create(start)).CopyTo(times[i..]);
                (high + Vector256.Create(start)).CopyTo(times[(i + Vector256<long>.Count)..]);
            }
        }

        for (; i < offsets.Length; i++)
        {
            times[i] = start + offsets[i];
        }
    }

    private void AddFloats(Span<long> times, ReadOnlySpan<double> values, ReadOnlySpan<long> starts, TimeRange range, SampleColumns to)
    {
        to.Reserve(times.Length, out var toTimes, out var toValues);
        var start = head.StartMs;
        var (first, last) = (range.First.Value, range.Last.Value);
        var at = 0;
        for (var i = 0; i < times.Length; i++)
        {
            var time = start + times[i];
            toTimes[at] = time;
            toValues[at] = values[i];
            at += first <= time && time <= last ? 1 : 0;
        }

        var before = to.Count;
        to.Commit(at);
        if (!starts.IsEmpty)
        {
            for (var i = 0; i < times.Length; i++)
            {
                if (range.Contains(new TimestampMs(head.StartMs + times[i])))
                {
                    to.SetStart(before++, starts[i]);
                }
            }
        }
    }

    private void AddHistogram(long offset, uint reference, long start, TimeRange range, SampleColumns to)
    {
        var time = head.StartMs + offset;
        if (range.Contains(new TimestampMs(time)))
        {
            var from = new ByteReader(pages.From(reference));
            to.Add(time, HistogramBytes.Decode(ref from), start);
        }
    }
}
