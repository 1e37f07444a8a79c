using Flyball.Metrics.Index;
using Flyball.Model.Labels;

namespace Flyball.Metrics.Head;

/// <summary>The values of one label name in a head, in the order they came, each with its series.</summary>
internal sealed class HeadLabelValues(byte[] name, ByteArena texts, PostingsArena postings) : ILabelValues
{
    private Entry[] _entries = new Entry[4];
    private int _count;
    private int _latest;

    // Open addressing; a cell holds the upper half of a hash and, below it, the value's number + 1.
    private ulong[] _table = new ulong[16];

    public ReadOnlySpan<byte> Name => name;

    public int Count => Volatile.Read(ref _count);

    public bool IsSorted => false;

    public long AllocatedBytes => (_entries.LongLength * 28) + (_table.LongLength * 8);

    public ReadOnlySpan<byte> Text(int value)
    {
        ref var entry = ref _entries[value];
        return texts.Slice(entry.Text, entry.TextLength);
    }

    public int Find(ReadOnlySpan<byte> text) => Find(Volatile.Read(ref _table), text, LabelSet.HashOf(text));

    public int SeriesWith(int value) => Volatile.Read(ref _entries[value].Postings.Count);

    public void AddSeries(int value, SeriesBits to) => postings.AddTo(ref _entries[value].Postings, to);

    /// <summary>Notes that a series has a value.</summary>
    public void Add(ReadOnlySpan<byte> text, int series)
    {
        // Series of one target come one after another: most labels are those of the series before.
        if (_count == 0 || !Text(_latest).SequenceEqual(text))
        {
            var hash = LabelSet.HashOf(text);
            var value = Find(_table, text, hash);
            _latest = value < 0 ? AddValue(text, hash) : value;
        }

        postings.Append(ref _entries[_latest].Postings, series);
    }

    private static void Place(ulong[] table, ulong hash, int value)
    {
        var cell = (int)hash & (table.Length - 1);
        while (table[cell] != 0)
        {
            cell = (cell + 1) & (table.Length - 1);
        }

        Volatile.Write(ref table[cell], (hash & 0xffff_ffff_0000_0000) | (uint)(value + 1));
    }

    private int Find(ulong[] table, ReadOnlySpan<byte> text, ulong hash)
    {
        for (var cell = (int)hash & (table.Length - 1); ; cell = (cell + 1) & (table.Length - 1))
        {
            var found = Volatile.Read(ref table[cell]);
            if (found == 0)
            {
                return -1;
            }

            var value = (int)(uint)found - 1;
            if (found >> 32 == hash >> 32 && Text(value).SequenceEqual(text))
            {
                return value;
            }
        }
    }

    private int AddValue(ReadOnlySpan<byte> text, ulong hash)
    {
        if (_count == _entries.Length)
        {
            // A reader that still holds the old array misses only series that came after it had looked at their number.
            var larger = new Entry[_count * 2];
            _entries.CopyTo(larger, 0);
            Volatile.Write(ref _entries, larger);
        }

        var reference = texts.Allocate(text.Length, out var room);
        text.CopyTo(room);
        _entries[_count] = new Entry { Text = reference, TextLength = text.Length };
        Volatile.Write(ref _count, _count + 1);
        if (_count * 2 > _table.Length)
        {
            GrowTable();
        }
        else
        {
            Place(_table, hash, _count - 1);
        }

        return _count - 1;
    }

    private void GrowTable()
    {
        var larger = new ulong[_table.Length * 2];
        for (var value = 0; value < _count; value++)
        {
            Place(larger, LabelSet.HashOf(Text(value)), value);
        }

        Volatile.Write(ref _table, larger);
    }

    private struct Entry
    {
        public uint Text;
        public int TextLength;
        public Postings Postings;
    }
}
