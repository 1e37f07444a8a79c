using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Alerting.Rules.Evaluation;

/// <summary>The series a rule wrote at its last evaluation: what it no longer writes gets a staleness marker.</summary>
/// <remarks>Not thread-safe: a group evaluates its rules one after the other.</remarks>
internal sealed class WrittenSeries
{
    private readonly Dictionary<LabelSet, Entry> _series = [];
    private readonly List<(LabelSet Labels, int Index)> _inBatch = [];
    private int _round;

    /// <summary>Whether a series appeared, vanished or took another value in this evaluation.</summary>
    public bool HasChanged { get; private set; }

    /// <summary>The series that have not been marked as ended.</summary>
    public IEnumerable<LabelSet> Labels => _series.Keys;

    /// <summary>Begins an evaluation.</summary>
    public void Begin()
    {
        _round++;
        _inBatch.Clear();
        HasChanged = false;
    }

    /// <summary>Adds a sample of this evaluation.</summary>
    public void Write(SampleBatch batch, LabelSet labels, TimestampMs at, double value, NativeHistogram? histogram = null)
    {
        var isKnown = _series.TryGetValue(labels, out var entry);
        HasChanged |= !isKnown || histogram is not null || !entry.Value.Equals(value);
        var index = batch.AddSeries(labels, entry.Ref);
        _series[labels] = new Entry(entry.Ref, value, _round);
        _inBatch.Add((labels, index));
        if (histogram is null)
        {
            batch.AddSample(index, at, value);
        }
        else
        {
            batch.AddHistogram(index, at, histogram);
        }
    }

    /// <summary>Ends an evaluation: marks what was not written in it.</summary>
    public void End(SampleBatch batch, TimestampMs at)
    {
        foreach (var (labels, entry) in _series)
        {
            if (entry.Round != _round)
            {
                HasChanged = true;
                batch.AddSample(batch.AddSeries(labels, entry.Ref), at, StaleMarker.Value);
                _series.Remove(labels);
            }
        }
    }

    /// <summary>After the batch was stored: keeps the store's handles for the next time.</summary>
    public void Learn(SampleBatch batch)
    {
        foreach (var (labels, index) in _inBatch)
        {
            if (_series.TryGetValue(labels, out var entry))
            {
                _series[labels] = entry with { Ref = batch.Ref(index) };
            }
        }
    }

    /// <summary>Takes over what another rule wrote, so that it gets its markers from this one.</summary>
    public void Adopt(IEnumerable<LabelSet> labels)
    {
        foreach (var series in labels)
        {
            _series.TryAdd(series, new Entry(SeriesRef.None, double.NaN, _round));
        }
    }

    private readonly record struct Entry(SeriesRef Ref, double Value, int Round);
}
