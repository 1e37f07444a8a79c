using Flyball.Metrics.Pages;
using Flyball.Model.Labels;

namespace Flyball.Metrics.Blocks;

/// <summary>The time columns of a block that is being written, each kept once: what one scrape brings shares its times.</summary>
internal sealed class TimeColumns
{
    private readonly Dictionary<(ulong Hash, long First, int Count), int> _known = [];
    private readonly List<Entry> _entries = [];
    private readonly ByteWriter _columns = new(1 << 16);
    private readonly ByteWriter _scratch = new();
    private long[] _offsets = new long[BlockFormat.MostSamplesInPage];
    private long[] _lastTimes = [];
    private int _last = -1;

    public ReadOnlySpan<byte> Columns => _columns.Written;

    /// <summary>Number of a column, which is added when it is new.</summary>
    public int NumberOf(ReadOnlySpan<long> timesMs)
    {
        // Neighbours in label order mostly come from the same targets: comparing beats encoding.
        if (_last >= 0 && timesMs.SequenceEqual(_lastTimes))
        {
            return _last;
        }

        for (var i = 0; i < timesMs.Length; i++)
        {
            _offsets[i] = timesMs[i] - timesMs[0];
        }

        _scratch.Clear();
        IntegerColumn.Encode(_offsets.AsSpan(0, timesMs.Length), _scratch, thorough: true);
        var key = (LabelSet.HashOf(_scratch.Written), timesMs[0], timesMs.Length);
        if (!_known.TryGetValue(key, out var number) || !Bytes(number).SequenceEqual(_scratch.Written))
        {
            number = _entries.Count;
            _entries.Add(new Entry(timesMs[0], (uint)(timesMs[^1] - timesMs[0]), (uint)_columns.Length, (ushort)timesMs.Length, _scratch.Length));
            _columns.Write(_scratch.Written);
            _known[key] = number;
        }

        _last = number;
        _lastTimes = timesMs.ToArray();
        return number;
    }

    public void WriteTable(ByteWriter to)
    {
        foreach (var entry in _entries)
        {
            to.WriteI64(entry.First);
            to.WriteU32(entry.Span);
            to.WriteU32(entry.Place);
            to.WriteU32(entry.Count);
        }
    }

    private ReadOnlySpan<byte> Bytes(int number) => _columns.Written.Slice((int)_entries[number].Place, _entries[number].Length);

    private readonly record struct Entry(long First, uint Span, uint Place, ushort Count, int Length);
}
