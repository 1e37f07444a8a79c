using Flyball.Metrics.Head;
using Flyball.Model.Histograms;

namespace Flyball.Metrics.Wal;

/// <summary>The accepted samples of one batch that go to one head, in columns: between being checked and being logged.</summary>
internal sealed class CommitColumns
{
    private int[] _series = new int[256];
    private long[] _timestampsMs = new long[256];
    private ulong[] _bits = new ulong[256];
    private long[] _startsMs = [];
    private NativeHistogram?[] _histograms = [];

    public HeadPart Head { get; private set; } = null!;

    public int Count { get; private set; }

    public bool HasStarts { get; private set; }

    public bool HasHistograms { get; private set; }

    public ReadOnlySpan<int> Series => _series.AsSpan(0, Count);

    public ReadOnlySpan<long> TimestampsMs => _timestampsMs.AsSpan(0, Count);

    public ReadOnlySpan<ulong> Bits => _bits.AsSpan(0, Count);

    public ReadOnlySpan<long> StartsMs => HasStarts ? _startsMs.AsSpan(0, Count) : default;

    public ReadOnlySpan<NativeHistogram?> Histograms => HasHistograms ? _histograms.AsSpan(0, Count) : default;

    public void Begin(HeadPart head)
    {
        if (HasHistograms)
        {
            Array.Clear(_histograms, 0, Count);
        }

        if (HasStarts)
        {
            Array.Clear(_startsMs, 0, Count);
        }

        Head = head;
        Count = 0;
        HasStarts = HasHistograms = false;
    }

    public void Add(int series, long timestampMs, ulong bits, long startMs, NativeHistogram? histogram)
    {
        if (Count == _series.Length)
        {
            Array.Resize(ref _series, Count * 2);
            Array.Resize(ref _timestampsMs, Count * 2);
            Array.Resize(ref _bits, Count * 2);
        }

        _series[Count] = series;
        _timestampsMs[Count] = timestampMs;
        _bits[Count] = bits;
        if (startMs != 0)
        {
            EnsureRoom(ref _startsMs);
            _startsMs[Count] = startMs;
            HasStarts = true;
        }

        if (histogram is not null)
        {
            EnsureRoom(ref _histograms);
            _histograms[Count] = histogram;
            HasHistograms = true;
        }

        Count++;

        // Once a batch has one, the column must reach to its last sample.
        if (HasStarts)
        {
            EnsureRoom(ref _startsMs);
        }

        if (HasHistograms)
        {
            EnsureRoom(ref _histograms);
        }
    }

    private void EnsureRoom<T>(ref T[] column)
    {
        if (column.Length < _series.Length)
        {
            Array.Resize(ref column, _series.Length);
        }
    }
}
