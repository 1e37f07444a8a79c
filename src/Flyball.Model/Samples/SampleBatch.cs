using System.Diagnostics;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Model.Samples;

/// <summary>What arrives together and becomes visible together: series, and samples that point to them, in columns.</summary>
/// <remarks>
/// Made to be reused: <see cref="Clear"/> keeps its arrays. A series is given either as a <see cref="LabelSet"/> that the
/// caller keeps (scrapes cache theirs) or as canonical label bytes copied into the batch's arena (remote write never
/// builds a <see cref="LabelSet"/> for a series the store knows). One writer at a time; not thread-safe.
/// </remarks>
public sealed class SampleBatch
{
    private const int NotAskedYet = -1;

    private SeriesEntry[] _series = new SeriesEntry[64];
    private byte[] _arena = [];
    private int _arenaUsed;
    private ILabelSource? _labelSource;
    private int[] _sampleSeries = new int[64];
    private long[] _timestampsMs = new long[64];
    private double[] _values = new double[64];
    private long[]? _startTimestampsMs;
    private NativeHistogram?[]? _histograms;
    private List<(int Series, Exemplar Exemplar)>? _exemplars;
    private List<MetricMetadata>? _metadata;

    /// <summary>Number of series entries. The same series may be entered twice.</summary>
    public int SeriesCount { get; private set; }

    /// <summary>Number of samples.</summary>
    public int SampleCount { get; private set; }

    /// <summary>For each sample, the index of its series.</summary>
    public ReadOnlySpan<int> SampleSeries => _sampleSeries.AsSpan(0, SampleCount);

    /// <summary>For each sample, its time in UTC milliseconds.</summary>
    public ReadOnlySpan<long> TimestampsMs => _timestampsMs.AsSpan(0, SampleCount);

    /// <summary>For each sample, its value; for a histogram its sum (so that staleness shows in this column too).</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan(0, SampleCount);

    /// <summary>For each sample, when its counter started counting, 0 = unknown; empty when no sample of the batch says.</summary>
    public ReadOnlySpan<long> StartTimestampsMs => _startTimestampsMs is null ? default : _startTimestampsMs.AsSpan(0, SampleCount);

    /// <summary>For each sample its histogram or null; empty when the batch holds none.</summary>
    public ReadOnlySpan<NativeHistogram?> Histograms => _histograms is null ? default : _histograms.AsSpan(0, SampleCount);

    /// <summary>Exemplars with the index of their series.</summary>
    public IReadOnlyList<(int Series, Exemplar Exemplar)> Exemplars => _exemplars ?? (IReadOnlyList<(int, Exemplar)>)[];

    /// <summary>What the families of this batch say about themselves.</summary>
    public IReadOnlyList<MetricMetadata> Metadata => _metadata ?? (IReadOnlyList<MetricMetadata>)[];

    /// <summary>Enters a series whose labels the caller keeps alive.</summary>
    /// <param name="known">The handle an earlier append returned, or <see cref="SeriesRef.None"/>.</param>
    /// <returns>Its index in this batch.</returns>
    public int AddSeries(LabelSet labels, SeriesRef known = default)
    {
        Grow(ref _series, SeriesCount);
        _series[SeriesCount] = new SeriesEntry { Labels = labels, Hash = labels.Hash, Ref = known };
        return SeriesCount++;
    }

    /// <summary>Enters a series by its canonical label bytes (<see cref="LabelSet.Encoded"/>), which are copied.</summary>
    /// <returns>Its index in this batch.</returns>
    public int AddSeries(ReadOnlySpan<byte> encodedLabels, SeriesRef known = default)
    {
        Grow(ref _series, SeriesCount);
        _series[SeriesCount].Ref = known;
        Keep(encodedLabels, ref _series[SeriesCount]);
        return SeriesCount++;
    }

    /// <summary>Enters a series the sender has sent before: its labels are asked for only if somebody wants them.</summary>
    /// <param name="labels">Answers until the batch is cleared; one source per batch.</param>
    /// <param name="token">What the source is asked with.</param>
    /// <returns>Its index in this batch.</returns>
    public int AddSeries(ILabelSource labels, int token, SeriesRef known)
    {
        Debug.Assert(_labelSource is null || _labelSource == labels, "a batch asks one source");
        Grow(ref _series, SeriesCount);
        _labelSource = labels;
        _series[SeriesCount] = new SeriesEntry { Offset = token, Length = NotAskedYet, Ref = known };
        return SeriesCount++;
    }

    /// <summary>Adds a float sample.</summary>
    /// <param name="start">When its counter started counting, if the source says.</param>
    public void AddSample(int series, TimestampMs at, double value, TimestampMs start = default)
    {
        Debug.Assert((uint)series < (uint)SeriesCount, "a sample points to a series of its batch");
        if (SampleCount == _values.Length)
        {
            GrowSamples();
        }

        _sampleSeries[SampleCount] = series;
        _timestampsMs[SampleCount] = at.Value;
        _values[SampleCount] = value;
        if (start.Value != 0)
        {
            (_startTimestampsMs ??= new long[_values.Length])[SampleCount] = start.Value;
        }

        SampleCount++;
    }

    /// <summary>Adds a native histogram; the batch keeps the reference, the histogram is immutable.</summary>
    public void AddHistogram(int series, TimestampMs at, NativeHistogram histogram, TimestampMs start = default)
    {
        AddSample(series, at, histogram.Sum, start);
        (_histograms ??= new NativeHistogram?[_values.Length])[SampleCount - 1] = histogram;
    }

    /// <summary>Adds an exemplar to a series.</summary>
    public void AddExemplar(int series, Exemplar exemplar) => (_exemplars ??= []).Add((series, exemplar));

    /// <summary>Adds what a family says about itself.</summary>
    public void AddMetadata(MetricMetadata metadata) => (_metadata ??= []).Add(metadata);

    /// <summary>The canonical label bytes of a series; they die at the next change of the batch.</summary>
    public ReadOnlySpan<byte> EncodedLabels(int series)
    {
        ref var entry = ref Entry(series);
        return entry.Labels is { } labels ? labels.Encoded : _arena.AsSpan(entry.Offset, entry.Length);
    }

    /// <summary>The hash of a series' labels, <see cref="LabelSet.Hash"/>.</summary>
    /// <remarks>Computed when it is asked for: a store that recognises a sender's order never asks.</remarks>
    public ulong LabelHash(int series)
    {
        ref var entry = ref _series[series];
        return entry.Hash != 0 ? entry.Hash : entry.Hash = LabelSet.HashOf(EncodedLabels(series));
    }

    /// <summary>The labels of a series; builds (and keeps) the object if only bytes were given.</summary>
    public LabelSet Labels(int series)
    {
        ref var entry = ref Entry(series);
        return entry.Labels ??= LabelSet.FromEncoded(_arena.AsSpan(entry.Offset, entry.Length));
    }

    /// <summary>The store's handle of a series, as given or as filled in by the sink.</summary>
    public SeriesRef Ref(int series) => _series[series].Ref;

    /// <summary>For the sink: notes its handle of a series.</summary>
    public void SetRef(int series, SeriesRef value) => _series[series].Ref = value;

    /// <summary>Empties the batch and keeps its memory.</summary>
    public void Clear()
    {
        Array.Clear(_series, 0, SeriesCount);
        if (_histograms is not null)
        {
            Array.Clear(_histograms, 0, SampleCount);
        }

        if (_startTimestampsMs is not null)
        {
            Array.Clear(_startTimestampsMs, 0, SampleCount);
        }

        SeriesCount = 0;
        SampleCount = 0;
        _arenaUsed = 0;
        _labelSource = null;
        _exemplars?.Clear();
        _metadata?.Clear();
    }

    private ref SeriesEntry Entry(int series)
    {
        ref var entry = ref _series[series];
        if (entry.Length == NotAskedYet)
        {
            Keep(_labelSource!.EncodedLabels(entry.Offset), ref entry);
        }

        return ref entry;
    }

    private void Keep(ReadOnlySpan<byte> encodedLabels, ref SeriesEntry entry)
    {
        if (_arena.Length - _arenaUsed < encodedLabels.Length)
        {
            Array.Resize(ref _arena, Math.Max(Math.Max(4096, _arena.Length * 2), _arenaUsed + encodedLabels.Length));
        }

        encodedLabels.CopyTo(_arena.AsSpan(_arenaUsed));
        entry.Offset = _arenaUsed;
        entry.Length = encodedLabels.Length;
        _arenaUsed += encodedLabels.Length;
    }

    private static void Grow<T>(ref T[] array, int used)
    {
        if (used == array.Length)
        {
            Array.Resize(ref array, used * 2);
        }
    }

    private void GrowSamples()
    {
        var size = _values.Length * 2;
        Array.Resize(ref _sampleSeries, size);
        Array.Resize(ref _timestampsMs, size);
        Array.Resize(ref _values, size);
        if (_startTimestampsMs is not null)
        {
            Array.Resize(ref _startTimestampsMs, size);
        }

        if (_histograms is not null)
        {
            Array.Resize(ref _histograms, size);
        }
    }

    private struct SeriesEntry
    {
        public LabelSet? Labels;
        public int Offset;
        public int Length;
        public ulong Hash;
        public SeriesRef Ref;
    }
}
