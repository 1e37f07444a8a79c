using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.PromQL.Testing;

/// <summary>A small store in memory, for test scripts and for tests of the engine.</summary>
/// <remarks>Not thread-safe while it is being filled.</remarks>
internal sealed class MemorySeriesSource : ISeriesSource
{
    private readonly SortedDictionary<LabelSet, Samples> _series = [];

    /// <summary>Removes everything.</summary>
    public void Clear() => _series.Clear();

    /// <summary>Adds a sample, or replaces the one at its time.</summary>
    public void Add(LabelSet labels, long timeMs, MemorySample sample)
    {
        if (!_series.TryGetValue(labels, out var samples))
        {
            _series[labels] = samples = new Samples();
        }

        samples.Set(timeMs, sample);
    }

    public ISeriesSelection Select(SeriesQuery query, CancellationToken cancellationToken)
    {
        var found = _series.Where(s => Accepts(query, s.Key)).ToList();
        return query.SeriesLimit > 0 && found.Count > query.SeriesLimit
            ? throw new SeriesLimitException(query.SeriesLimit)
            : new Selection(query, found);
    }

    public IReadOnlyList<string> LabelNames(SeriesQuery query, CancellationToken cancellationToken) =>
        [.. _series.Keys.Where(s => Accepts(query, s)).SelectMany(s => s.AsPairs()).Select(p => p.Key).Distinct().Order(StringComparer.Ordinal)];

    public IReadOnlyList<string> LabelValues(string labelName, SeriesQuery query, CancellationToken cancellationToken) =>
        [.. _series.Keys.Where(s => Accepts(query, s)).Select(s => s[labelName]).Where(v => v.Length > 0).Distinct().Order(StringComparer.Ordinal)];

    private static bool Accepts(SeriesQuery query, LabelSet labels) => query.Matchers.All(m => m.Matches(labels));

    private sealed class Selection(
        SeriesQuery query, List<KeyValuePair<LabelSet, Samples>> series) : ISeriesSelection
    {
        public int Count => series.Count;

        public LabelSet Labels(int index) => series[index].Key;

        public void Read(int index, SampleColumns destination, CancellationToken cancellationToken)
        {
            series[index].Value.Read(query.Range, destination);
        }

        public void Dispose()
        {
            // Nothing is pinned: the data lives as long as the source.
        }
    }
}

/// <summary>The samples of one series, sorted by time.</summary>
internal sealed class Samples
{
    private readonly List<long> _times = [];
    private readonly List<MemorySample> _samples = [];

    public void Set(long timeMs, MemorySample sample)
    {
        var at = _times.Count > 0 && timeMs > _times[^1] ? ~_times.Count : _times.BinarySearch(timeMs);
        if (at >= 0)
        {
            _samples[at] = sample;
            return;
        }

        _times.Insert(~at, timeMs);
        _samples.Insert(~at, sample);
    }

    public void Read(TimeRange range, SampleColumns destination)
    {
        var at = _times.BinarySearch(range.First.Value);
        for (var i = at < 0 ? ~at : at; i < _times.Count && _times[i] <= range.Last.Value; i++)
        {
            if (_samples[i].Histogram is { } histogram)
            {
                destination.Add(_times[i], histogram, _samples[i].StartMs);
            }
            else
            {
                destination.Add(_times[i], _samples[i].Value, _samples[i].StartMs);
            }
        }
    }
}

/// <summary>A float or a histogram, and when its counter started (0 = unknown).</summary>
internal readonly record struct MemorySample(double Value, NativeHistogram? Histogram, long StartMs);
