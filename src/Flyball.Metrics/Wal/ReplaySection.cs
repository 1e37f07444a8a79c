using Flyball.Durable.Log;
using Flyball.Model.Histograms;

namespace Flyball.Metrics.Wal;

/// <summary>One section of samples, decoded: what travels from who reads the log to who fills the heads.</summary>
/// <remarks>Made to be used again. The labels are copied, because the bytes of a record die when its handler returns.</remarks>
internal sealed class ReplaySection
{
    private byte[] _labels = [];
    private int[] _labelEnds = [];
    private int _labelBytes;
    private int[] _series = [];
    private long[] _timesMs = [];
    private ulong[] _bits = [];

    public long Head { get; private set; }

    public long StartMs { get; private set; }

    public long UntilMs { get; private set; }

    /// <summary>Where its record begins.</summary>
    public LogPosition Position { get; private set; }

    /// <summary>The log's number of the first new series.</summary>
    public int FirstNew { get; private set; }

    public int NewCount { get; private set; }

    public int Count { get; private set; }

    public Span<int> Series => _series.AsSpan(0, Count);

    public Span<long> TimestampsMs => _timesMs.AsSpan(0, Count);

    public Span<ulong> Bits => _bits.AsSpan(0, Count);

    /// <summary>Empty when no sample says its start.</summary>
    public long[] StartsMs { get; set; } = [];

    /// <summary>Empty when no sample is a histogram.</summary>
    public NativeHistogram?[] Histograms { get; set; } = [];

    public void Begin(long head, long startMs, long untilMs, LogPosition position)
    {
        (Head, StartMs, UntilMs, Position) = (head, startMs, untilMs, position);
        FirstNew = NewCount = Count = _labelBytes = 0;
        StartsMs = [];
        Histograms = [];
    }

    public void BeginNew(int first) => FirstNew = first;

    public void AddNew(ReadOnlySpan<byte> labels)
    {
        if (_labels.Length - _labelBytes < labels.Length)
        {
            Array.Resize(ref _labels, Math.Max(Math.Max(4096, _labels.Length * 2), _labelBytes + labels.Length));
        }

        if (NewCount == _labelEnds.Length)
        {
            Array.Resize(ref _labelEnds, Math.Max(64, NewCount * 2));
        }

        labels.CopyTo(_labels.AsSpan(_labelBytes));
        _labelBytes += labels.Length;
        _labelEnds[NewCount++] = _labelBytes;
    }

    public ReadOnlySpan<byte> LabelsOfNew(int i)
    {
        var start = i == 0 ? 0 : _labelEnds[i - 1];
        return _labels.AsSpan(start, _labelEnds[i] - start);
    }

    public void BeginSamples(int count)
    {
        Count = count;
        EnsureRoom(ref _series, count);
        EnsureRoom(ref _timesMs, count);
        EnsureRoom(ref _bits, count);
    }

    private static void EnsureRoom<T>(ref T[] column, int count)
    {
        if (column.Length < count)
        {
            column = new T[Math.Max(count, column.Length * 2)];
        }
    }
}
