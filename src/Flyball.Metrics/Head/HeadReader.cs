using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Flyball.Metrics.Pages;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.Head;

/// <summary>Decodes what a <see cref="HeadSeriesView"/> captured; needs no lock.</summary>
internal readonly struct HeadReader(HeadPart head, ByteArena pages, SlotArena slots)
{
    /// <summary>Appends the samples in a range. Times rise unless the view overlaps, which its flags say.</summary>
    public void Read(HeadSeriesView view, TimeRange range, SampleColumns to)
    {
        Span<uint> chain = stackalloc uint[64];
        var sealedPages = new ValueList<uint>(chain);
        for (var page = view.LastPage; page != 0;)
        {
            var header = pages.From(page);
            var first = head.StartMs + BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
            var last = head.StartMs + BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
            if (first <= range.Last.Value && last >= range.First.Value)
            {
                sealedPages.Add(page);
            }

            page = BinaryPrimitives.ReadUInt32LittleEndian(header);
        }

        for (var i = sealedPages.Count - 1; i >= 0; i--)
        {
            ReadPage(pages.From(sealedPages[i]), range, to);
        }

        if (view.OpenCount > 0)
        {
            ReadOpen(view, range, to);
        }
    }

    private void ReadPage(ReadOnlySpan<byte> page, TimeRange range, SampleColumns to)
    {
        var count = BinaryPrimitives.ReadUInt16LittleEndian(page[12..]);
        var flags = page[14];
        var from = new ByteReader(page[HeadPageWriter.HeaderSize..]);
        if (flags == 0 && IsWithin(page, range))
        {
            // The usual page: it is decoded to where its samples go.
            to.Reserve(count, out var toTimes, out var toValues);
            IntegerColumn.Decode(ref from, toTimes);
            IntegerColumn.AddToAll(MemoryMarshal.Cast<long, ulong>(toTimes), (ulong)head.StartMs);
            DoubleColumn.Decode(ref from, toValues);
            to.Commit(count);
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

    private bool IsWithin(ReadOnlySpan<byte> page, TimeRange range) =>
        head.StartMs + BinaryPrimitives.ReadInt32LittleEndian(page[4..]) >= range.First.Value
        && head.StartMs + BinaryPrimitives.ReadInt32LittleEndian(page[8..]) <= range.Last.Value;

    private void ReadOpen(HeadSeriesView view, TimeRange range, SampleColumns to)
    {
        var slot = new OpenSlot(slots.Words(view.Slot, view.SlotClass), view.SlotClass);
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
