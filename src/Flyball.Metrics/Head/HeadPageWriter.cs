using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Flyball.Metrics.Pages;
using Flyball.Model.Histograms;

namespace Flyball.Metrics.Head;

/// <summary>Turns a full slot into a sealed page in the head's arena.</summary>
/// <remarks>
/// <code>
/// previous page u32, first offset i32, last offset i32, count u16, flags u8 (1 histograms, 2 starts),
/// integer column of time offsets, [integer column of starts], column of doubles — or count references to histograms, u32 each
/// </code>
/// In memory only. Not thread-safe.
/// </remarks>
internal sealed class HeadPageWriter(ByteArena pages)
{
    public const int HeaderSize = 15;
    public const byte Histograms = 1, Starts = 2;

    private readonly ByteWriter _bytes = new(1 << 12);
    private readonly long[] _times = new long[32];
    private readonly ulong[] _values = new ulong[32];
    private readonly long[] _starts = new long[32];

    public uint Write(OpenSlot slot, int count, SeriesFlags flags, uint previous)
    {
        for (var i = 0; i < count; i++)
        {
            _times[i] = slot.Times[i];
        }

        slot.Values[..count].CopyTo(_values);
        slot.Starts[..(slot.HasStarts ? count : 0)].CopyTo(_starts);
        if ((flags & SeriesFlags.OpenUnordered) != SeriesFlags.None)
        {
            count = Sorting.SortAndDrop(_times.AsSpan(0, count), _values, slot.HasStarts ? _starts : default);
        }

        _bytes.Clear();
        var histograms = (flags & SeriesFlags.OpenHistograms) != SeriesFlags.None;
        WriteHeader(_bytes.Take(HeaderSize), previous, count, (byte)((histograms ? Histograms : 0) | (slot.HasStarts ? Starts : 0)));
        IntegerColumn.Encode(_times.AsSpan(0, count), _bytes, thorough: false);
        if (slot.HasStarts)
        {
            IntegerColumn.Encode(_starts.AsSpan(0, count), _bytes, thorough: false);
        }

        if (histograms)
        {
            for (var i = 0; i < count; i++)
            {
                _bytes.WriteU32((uint)_values[i]);
            }
        }
        else
        {
            DoubleColumn.Encode(MemoryMarshal.Cast<ulong, double>(_values.AsSpan(0, count)), _bytes, thorough: false);
        }

        var page = pages.Allocate(_bytes.Length, out var room);
        _bytes.Written.CopyTo(room);
        return page;
    }

    public ulong StoreHistogram(NativeHistogram histogram)
    {
        _bytes.Clear();
        HistogramBytes.Encode(histogram, _bytes);
        var reference = pages.Allocate(_bytes.Length, out var room);
        _bytes.Written.CopyTo(room);
        return reference;
    }

    private void WriteHeader(Span<byte> to, uint previous, int count, byte flags)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, previous);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], (int)_times[0]);
        BinaryPrimitives.WriteInt32LittleEndian(to[8..], (int)_times[count - 1]);
        BinaryPrimitives.WriteUInt16LittleEndian(to[12..], (ushort)count);
        to[14] = flags;
    }
}
