using System.Runtime.CompilerServices;
using Flyball.Model.Labels;

namespace Flyball.Metrics.Head;

/// <summary>The series of a head: from labels to a number, and from a number to its state.</summary>
/// <remarks>
/// Written under the store's gate. States lie in arrays of 4096; only the first is replaced while it grows, so a reference to
/// a state ends with the next <see cref="Add"/>.
/// </remarks>
internal sealed class SeriesTable(ByteArena labels)
{
    private const int StateBits = 12;
    private const int StatesPerArray = 1 << StateBits;
    private const int FirstStates = 16;

    private readonly ByteArena _labels = labels;
    private SeriesState[][] _states = [];

    // Open addressing; a cell holds the upper half of a hash and, below it, the series' number + 1.
    private ulong[] _table = new ulong[64];

    public int Count { get; private set; }

    public long AllocatedBytes =>
        _labels.AllocatedBytes + (_table.LongLength * 8) + (_states.Sum(s => s.LongLength) * Unsafe.SizeOf<SeriesState>());

    /// <summary>The arena of the canonical label bytes.</summary>
    public ByteArena LabelBytes => _labels;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref SeriesState State(int series) => ref _states[series >> StateBits][series & (StatesPerArray - 1)];

    /// <summary>Canonical label bytes; safe without the gate for a series whose number was learnt under it.</summary>
    public ReadOnlySpan<byte> Labels(int series)
    {
        ref var state = ref State(series);
        return _labels.Slice(state.Labels, state.LabelsLength);
    }

    /// <summary>Number of a series, or -1.</summary>
    public int Find(ReadOnlySpan<byte> encodedLabels, ulong hash)
    {
        var table = _table;
        for (var cell = (int)hash & (table.Length - 1); ; cell = (cell + 1) & (table.Length - 1))
        {
            var found = table[cell];
            if (found == 0)
            {
                return -1;
            }

            var series = (int)(uint)found - 1;
            if (found >> 32 == hash >> 32 && Labels(series).SequenceEqual(encodedLabels))
            {
                return series;
            }
        }
    }

    /// <summary>Adds a series that is not there yet.</summary>
    public int Add(ReadOnlySpan<byte> encodedLabels, ulong hash)
    {
        var reference = _labels.Allocate(encodedLabels.Length, out var room);
        encodedLabels.CopyTo(room);
        var series = AddState(new SeriesState
        {
            NewestMs = long.MinValue,
            OldestOffset = int.MaxValue,
            LatestOffset = int.MinValue,
            Labels = reference,
            LabelsLength = encodedLabels.Length,
            Slot = -1,
        });
        Place(_table, hash, series);
        return series;
    }

    /// <summary>Makes room for series that are about to be restored, so that the table need not grow step by step.</summary>
    public void Expect(int count) =>
        _table = new ulong[Math.Max(_table.Length, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(count * 2) + 1))];

    /// <summary>Adds a series whose labels are in the arena already and are not those of another.</summary>
    public ref SeriesState Restore(in SeriesState state)
    {
        var series = AddState(state);
        Place(_table, LabelSet.HashOf(_labels.Slice(state.Labels, state.LabelsLength)), series);
        return ref State(series);
    }

    private static void Place(ulong[] table, ulong hash, int series)
    {
        var cell = (int)hash & (table.Length - 1);
        while (table[cell] != 0)
        {
            cell = (cell + 1) & (table.Length - 1);
        }

        table[cell] = (hash & 0xffff_ffff_0000_0000) | (uint)(series + 1);
    }

    private int AddState(in SeriesState state)
    {
        var series = Count;
        if (_states.Length == 0 || (series & (StatesPerArray - 1)) % _states[^1].Length == 0)
        {
            GrowStates(series);
        }

        if (series * 2 >= _table.Length)
        {
            GrowTable();
        }

        State(series) = state;
        Count = series + 1;
        return series;
    }

    private void GrowStates(int count)
    {
        if (count is > 0 and < StatesPerArray)
        {
            var larger = new SeriesState[count * 2];
            _states[0].CopyTo(larger, 0);
            Volatile.Write(ref _states[0], larger);
            return;
        }

        SeriesState[][] more = [.. _states, new SeriesState[count == 0 ? FirstStates : StatesPerArray]];
        Volatile.Write(ref _states, more);
    }

    private void GrowTable()
    {
        var larger = new ulong[_table.Length * 2];
        for (var series = 0; series < Count; series++)
        {
            Place(larger, LabelSet.HashOf(Labels(series)), series);
        }

        _table = larger;
    }
}

/// <summary>What a head knows about one series.</summary>
internal struct SeriesState
{
    /// <summary>Newest time appended in order, or <see cref="long.MinValue"/>.</summary>
    public long NewestMs;

    /// <summary>The bits of its value.</summary>
    public ulong NewestBits;

    /// <summary>Where the canonical label bytes lie.</summary>
    public uint Labels;

    public int LabelsLength;

    /// <summary>The newest sealed page, 0 = none; each page knows the one before.</summary>
    public uint LastPage;

    /// <summary>The open slot, -1 = none.</summary>
    public int Slot;

    /// <summary>Earliest and latest time of all samples, relative to the head's start.</summary>
    public int OldestOffset;

    public int LatestOffset;

    public byte SlotClass;

    public byte OpenCount;

    public SeriesFlags Flags;
}

/// <summary>What is particular about a series in a head.</summary>
[Flags]
internal enum SeriesFlags : byte
{
    None = 0,

    /// <summary>The open slot holds references to histograms.</summary>
    OpenHistograms = 1,

    /// <summary>The open slot's times do not rise.</summary>
    OpenUnordered = 2,

    /// <summary>Pages, or a page and the open slot, overlap in time.</summary>
    Overlaps = 4,
}
