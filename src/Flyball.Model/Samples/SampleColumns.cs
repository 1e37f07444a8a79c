using System.Buffers;
using Flyball.Model.Histograms;

namespace Flyball.Model.Samples;

/// <summary>The samples of one series in columns, in pooled memory: where a source decodes to and an engine reads from.</summary>
/// <remarks>Owned by whoever made it; dispose it to give the memory back. Reuse it for series after series. Not thread-safe.</remarks>
public sealed class SampleColumns : IDisposable
{
    private long[] _timestampsMs = [];
    private double[] _values = [];
    private NativeHistogram?[]? _histograms;
    private long[]? _startTimestampsMs;

    /// <summary>Number of samples.</summary>
    public int Count { get; private set; }

    /// <summary>Times in UTC milliseconds, strictly rising. Dies at the next change.</summary>
    public ReadOnlySpan<long> TimestampsMs => _timestampsMs.AsSpan(0, Count);

    /// <summary>Values; for a histogram its sum. Staleness markers are in here: see <see cref="StaleMarker"/>.</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan(0, Count);

    /// <summary>Whether any sample is a histogram.</summary>
    public bool HasHistograms => _histograms is not null;

    /// <summary>For each sample its histogram or null (a float); empty when <see cref="HasHistograms"/> is false.</summary>
    public ReadOnlySpan<NativeHistogram?> Histograms => _histograms is null ? default : _histograms.AsSpan(0, Count);

    /// <summary>For each sample when its counter started, 0 = unknown; empty when no sample says.</summary>
    public ReadOnlySpan<long> StartTimestampsMs => _startTimestampsMs is null ? default : _startTimestampsMs.AsSpan(0, Count);

    /// <summary>Whether the values say how many samples each sample stands for: a source that keeps summaries answered a
    /// <see cref="SelectHints.Function"/> of <c>count_over_time</c>, and the counts are to be added up.</summary>
    public bool AreCounts { get; private set; }

    /// <summary>Pages decoded into it since it was made, for whoever explains a query; a source without pages counts none.</summary>
    public long PagesRead { get; private set; }

    /// <summary>Notes that samples of further pages come.</summary>
    public void NotePages(long count) => PagesRead += count;

    /// <summary>Forgets the samples, keeps the memory.</summary>
    public void Clear()
    {
        AreCounts = false;
        if (_histograms is not null)
        {
            Array.Clear(_histograms, 0, Count);
            ArrayPool<NativeHistogram?>.Shared.Return(_histograms);
            _histograms = null;
        }

        if (_startTimestampsMs is not null)
        {
            ArrayPool<long>.Shared.Return(_startTimestampsMs);
            _startTimestampsMs = null;
        }

        Count = 0;
    }

    /// <summary>Makes room for more float samples and hands out where to decode them; call <see cref="Commit"/> after.</summary>
    public void Reserve(int count, out Span<long> timestampsMs, out Span<double> values)
    {
        EnsureRoom(count);
        timestampsMs = _timestampsMs.AsSpan(Count, count);
        values = _values.AsSpan(Count, count);
    }

    /// <summary>Adopts the first <paramref name="count"/> samples decoded into what <see cref="Reserve"/> gave.</summary>
    public void Commit(int count) => Count += count;

    /// <summary>Adds one float sample.</summary>
    public void Add(long timestampMs, double value, long startTimestampMs = 0)
    {
        EnsureRoom(1);
        _timestampsMs[Count] = timestampMs;
        _values[Count] = value;
        if (startTimestampMs != 0)
        {
            SetStart(Count, startTimestampMs);
        }

        Count++;
    }

    /// <summary>Adds one histogram sample.</summary>
    public void Add(long timestampMs, NativeHistogram histogram, long startTimestampMs = 0)
    {
        Add(timestampMs, histogram.Sum, startTimestampMs);
        if (_histograms is null)
        {
            _histograms = ArrayPool<NativeHistogram?>.Shared.Rent(_values.Length);
            Array.Clear(_histograms);
        }

        _histograms[Count - 1] = histogram;
    }

    /// <summary>Notes when the counter of a sample started.</summary>
    public void SetStart(int index, long startTimestampMs)
    {
        if (_startTimestampsMs is null)
        {
            _startTimestampsMs = ArrayPool<long>.Shared.Rent(_values.Length);
            Array.Clear(_startTimestampsMs);
        }

        _startTimestampsMs[index] = startTimestampMs;
    }

    /// <summary>Keeps only samples up to an index: what was decoded of a page beyond the asked range is cut off.</summary>
    public void Truncate(int count)
    {
        if (count >= Count)
        {
            return;
        }

        // What is added next may be a plain float: nothing of the old tail may show through beside it.
        _histograms?.AsSpan(count, Count - count).Clear();
        _startTimestampsMs?.AsSpan(count, Count - count).Clear();
        Count = count;
    }

    /// <summary>Says that the values are counts.</summary>
    /// <param name="from">Samples from here on are plain ones: each becomes a count of one, staleness markers go away.</param>
    public void TurnIntoCounts(int from)
    {
        AreCounts = true;
        var kept = from;
        for (var i = from; i < Count; i++)
        {
            if (!StaleMarker.Is(_values[i]))
            {
                _timestampsMs[kept] = _timestampsMs[i];
                _values[kept++] = 1;
            }
        }

        _histograms?.AsSpan(from, Count - from).Clear();
        _startTimestampsMs?.AsSpan(from, Count - from).Clear();
        Count = kept;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Clear();
        Return(ref _timestampsMs);
        Return(ref _values);
    }

    private static void Return<T>(ref T[] array)
    {
        if (array.Length > 0)
        {
            ArrayPool<T>.Shared.Return(array);
            array = [];
        }
    }

    private static void Move<T>(ref T[] array, int size, int used)
    {
        var larger = ArrayPool<T>.Shared.Rent(size);
        Array.Copy(array, larger, used);
        if (larger.Length > used)
        {
            Array.Clear(larger, used, larger.Length - used);
        }

        Return(ref array);
        array = larger;
    }

    private void EnsureRoom(int count)
    {
        var needed = Count + count;
        if (needed <= _values.Length && needed <= _timestampsMs.Length)
        {
            return;
        }

        var size = Math.Max(Math.Max(128, needed), _values.Length * 2);
        Move(ref _timestampsMs, size, Count);
        Move(ref _values, size, Count);
        if (_histograms is not null)
        {
            Move(ref _histograms!, size, Count);
        }

        if (_startTimestampsMs is not null)
        {
            Move(ref _startTimestampsMs, size, Count);
        }
    }
}
