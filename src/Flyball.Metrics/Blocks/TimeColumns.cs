using System.Runtime.InteropServices;
using Flyball.Metrics.Pages;
using Flyball.Model.Labels;

namespace Flyball.Metrics.Blocks;

/// <summary>The time columns of a block that is being written, each kept once: what one scrape brings shares its times.</summary>
internal sealed class TimeColumns
{
    // Eight megabytes.
    private const int MostRecentTimes = 1 << 20;

    private readonly Dictionary<(ulong Hash, long First, int Count), int> _known = [];
    private readonly List<Entry> _entries = [];
    private readonly ByteWriter _columns = new(1 << 16);
    private readonly ByteWriter _scratch = new();
    private readonly long[] _offsets = new long[BlockFormat.MostSamplesInPage];
    private readonly Dictionary<ulong, (long[] TimesMs, int Number)> _recent = [];
    private int _recentTimes;

    public ReadOnlySpan<byte> Columns => _columns.Written;

    /// <summary>Number of a column, which is added when it is new.</summary>
    public int NumberOf(ReadOnlySpan<long> timesMs)
    {
        // Series of one metric follow each other, each of another target: comparing with what came lately beats encoding again.
        var hash = LabelSet.HashOf(MemoryMarshal.AsBytes(timesMs));
        if (_recent.TryGetValue(hash, out var recent) && timesMs.SequenceEqual(recent.TimesMs))
        {
            return recent.Number;
        }

        var number = Encode(timesMs);
        if (_recentTimes > MostRecentTimes)
        {
            _recent.Clear();
            _recentTimes = 0;
        }

        _recent[hash] = (timesMs.ToArray(), number);
        _recentTimes += timesMs.Length;
        return number;
    }

    private int Encode(ReadOnlySpan<long> timesMs)
    {
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
