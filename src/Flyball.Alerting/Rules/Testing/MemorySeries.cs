using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Alerting.Rules.Testing;

/// <summary>Series held in plain lists: what rule unit tests load their input into and let rules write to.</summary>
internal sealed class MemorySeries : ISeriesSource, ISampleSink
{
    private readonly SortedDictionary<LabelSet, List<Sample>> _series = [];
    private readonly Lock _gate = new();

    /// <summary>Adds one sample; times of a series must rise.</summary>
    public AppendOutcome Add(LabelSet labels, TimestampMs at, double value, NativeHistogram? histogram = null)
    {
        lock (_gate)
        {
            if (!_series.TryGetValue(labels, out var samples))
            {
                _series[labels] = samples = [];
            }

            if (samples.Count > 0 && samples[^1].At >= at)
            {
                var isSame = samples[^1].At == at && samples[^1].Value.Equals(value);
                return isSame ? AppendOutcome.Stored
                    : samples[^1].At == at ? AppendOutcome.DuplicateTimestamp : AppendOutcome.OutOfOrder;
            }

            samples.Add(new Sample(at, value, histogram));
            return AppendOutcome.Stored;
        }
    }

    public ValueTask<AppendReport> AppendAsync(SampleBatch batch, AppendMode mode, CancellationToken cancellationToken)
    {
        var rejected = new List<RejectedSample>();
        for (var i = 0; i < batch.SampleCount; i++)
        {
            var histogram = batch.Histograms.IsEmpty ? null : batch.Histograms[i];
            var outcome = Add(batch.Labels(batch.SampleSeries[i]), new TimestampMs(batch.TimestampsMs[i]), batch.Values[i], histogram);
            if (outcome != AppendOutcome.Stored)
            {
                rejected.Add(new RejectedSample(i, outcome));
            }
        }

        return ValueTask.FromResult(new AppendReport(batch.SampleCount - rejected.Count, 0, rejected));
    }

    public ISeriesSelection Select(SeriesQuery query, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new Selection([.. Matching(query).Select(s => (s.Key, s.Value.Where(x => query.Range.Contains(x.At)).ToArray()))]);
        }
    }

    public IReadOnlyList<string> LabelNames(SeriesQuery query, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return [.. Matching(query).SelectMany(s => s.Key.AsPairs()).Select(p => p.Key).Distinct().Order(StringComparer.Ordinal)];
        }
    }

    public IReadOnlyList<string> LabelValues(string labelName, SeriesQuery query, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return [.. Matching(query).Select(s => s.Key[labelName]).Where(v => v.Length > 0).Distinct().Order(StringComparer.Ordinal)];
        }
    }

    private IEnumerable<KeyValuePair<LabelSet, List<Sample>>> Matching(SeriesQuery query) =>
        _series.Where(s => query.Matchers.All(m => m.Matches(s.Key)));

    private readonly record struct Sample(TimestampMs At, double Value, NativeHistogram? Histogram);

    private sealed class Selection((LabelSet Labels, Sample[] Samples)[] series) : ISeriesSelection
    {
        public int Count => series.Length;

        public LabelSet Labels(int index) => series[index].Labels;

        public void Read(int index, SampleColumns destination, CancellationToken cancellationToken)
        {
            foreach (var sample in series[index].Samples)
            {
                if (sample.Histogram is { } histogram)
                {
                    destination.Add(sample.At.Value, histogram);
                }
                else
                {
                    destination.Add(sample.At.Value, sample.Value);
                }
            }
        }

        public void Dispose()
        {
        }
    }
}
