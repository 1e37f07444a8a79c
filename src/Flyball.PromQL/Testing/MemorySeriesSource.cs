using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.PromQL.Testing;

/// <summary>A small store in memory, for test scripts and for tests of the engine.</summary>
/// <remarks>Not thread-safe while it is being filled.</remarks>
internal sealed class MemorySeriesSource : ISeriesSource
{
    private readonly SortedDictionary<LabelSet, SortedDictionary<long, MemorySample>> _series = [];

    /// <summary>Removes everything.</summary>
    public void Clear() => _series.Clear();

    /// <summary>Adds a sample, or replaces the one at its time.</summary>
    public void Add(LabelSet labels, long timeMs, MemorySample sample)
    {
        if (!_series.TryGetValue(labels, out var samples))
        {
            _series[labels] = samples = [];
        }

        samples[timeMs] = sample;
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
        SeriesQuery query, List<KeyValuePair<LabelSet, SortedDictionary<long, MemorySample>>> series) : ISeriesSelection
    {
        public int Count => series.Count;

        public LabelSet Labels(int index) => series[index].Key;

        public void Read(int index, SampleColumns destination, CancellationToken cancellationToken)
        {
            foreach (var (time, sample) in series[index].Value)
            {
                if (time < query.Range.First.Value || time > query.Range.Last.Value)
                {
                    continue;
                }

                if (sample.Histogram is { } histogram)
                {
                    destination.Add(time, histogram, sample.StartMs);
                }
                else
                {
                    destination.Add(time, sample.Value, sample.StartMs);
                }
            }
        }

        public void Dispose()
        {
            // Nothing is pinned: the data lives as long as the source.
        }
    }
}

/// <summary>A float or a histogram, and when its counter started (0 = unknown).</summary>
internal readonly record struct MemorySample(double Value, NativeHistogram? Histogram, long StartMs);
