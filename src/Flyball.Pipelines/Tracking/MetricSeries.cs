using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Tracking;

/// <summary>Counters, gauges and histograms by their labels, and how they become samples.</summary>
/// <remarks>Not thread-safe; <see cref="RunMetrics"/> guards it.</remarks>
internal sealed class MetricSeries
{
    /// <summary>More series than this are not begun: labels are bounded, so this is a last line.</summary>
    private const int MostSeries = 20_000;

    private static readonly DurationMs KeepIdleGauges = DurationMs.FromSeconds(600);

    private readonly Dictionary<LabelSet, Counter> _counters = [];
    private readonly Dictionary<LabelSet, Gauge> _gauges = [];
    private readonly Dictionary<LabelSet, Histogram> _histograms = [];
    private readonly Dictionary<LabelSet, SeriesRef> _refs = [];

    public Counter Counter(LabelSet labels) => Get(_counters, labels, () => new Counter(labels));

    public Histogram Histogram(LabelSet labels) => Get(_histograms, labels, () => new Histogram(labels));

    public Gauge Gauge(LabelSet labels, TimestampMs now)
    {
        var gauge = Get(_gauges, labels, () => new Gauge());
        gauge.LastUsed = now;
        return gauge;
    }

    public void ClearGauges()
    {
        foreach (var gauge in _gauges.Values)
        {
            gauge.Value = 0;
        }
    }

    /// <summary>Adds one sample per series; new counters get their zero one millisecond before.</summary>
    /// <param name="all">Whether also those that have not changed since they were written last.</param>
    public void AppendTo(SampleBatch batch, TimestampMs at, bool all)
    {
        foreach (var counter in _counters.Values.Concat(_histograms.Values.SelectMany(h => h.Parts)))
        {
            if (!all && counter.Value == counter.Written && _refs.ContainsKey(counter.Labels))
            {
                continue;
            }

            counter.Written = counter.Value;
            var series = batch.AddSeries(counter.Labels, _refs.GetValueOrDefault(counter.Labels));
            if (!_refs.ContainsKey(counter.Labels))
            {
                batch.AddSample(series, at - new DurationMs(1), 0);
            }

            batch.AddSample(series, at, counter.Value);
        }

        foreach (var (labels, gauge) in _gauges.ToArray())
        {
            var idle = gauge.Value == 0 && at - gauge.LastUsed > KeepIdleGauges;
            if (!all && !idle && gauge.Value == gauge.Written)
            {
                continue;
            }

            gauge.Written = gauge.Value;
            batch.AddSample(batch.AddSeries(labels, _refs.GetValueOrDefault(labels)), at, idle ? StaleMarker.Value : gauge.Value);
            if (idle)
            {
                _gauges.Remove(labels);
            }
        }
    }

    /// <summary>Keeps the handles the store filled in; a series with one has begun.</summary>
    public void Remember(SampleBatch batch)
    {
        for (var i = 0; i < batch.SeriesCount; i++)
        {
            _refs[batch.Labels(i)] = batch.Ref(i);
        }
    }

    private T Get<T>(Dictionary<LabelSet, T> all, LabelSet labels, Func<T> make)
    {
        if (!all.TryGetValue(labels, out var found))
        {
            found = make();
            if (_counters.Count + _gauges.Count + _histograms.Count < MostSeries)
            {
                all[labels] = found;
            }
        }

        return found;
    }
}

internal sealed class Gauge
{
    public double Value { get; set; }

    public TimestampMs LastUsed { get; set; }

    /// <summary>What was written last.</summary>
    public double Written { get; set; } = double.NaN;
}

internal sealed class Counter(LabelSet labels)
{
    public LabelSet Labels { get; } = labels;

    public double Value { get; private set; }

    /// <summary>What was written last.</summary>
    public double Written { get; set; }

    public void Add(double by) => Value += by;
}

/// <summary>A classic histogram: cumulative buckets, sum and count, each a series.</summary>
internal sealed class Histogram
{
    // Tekton's own bounds, and shorter ones for pipelines of seconds.
    private static readonly double[] Bounds = [1, 5, 10, 30, 60, 300, 900, 1800, 3600, 5400, 10800, 21600, 43200, 86400, double.PositiveInfinity];

    private readonly Counter[] _buckets;
    private readonly Counter _sum;
    private readonly Counter _count;

    public Histogram(LabelSet labels)
    {
        var builder = new LabelSetBuilder();
        var name = labels.MetricName;
        _buckets = [.. Bounds.Select(bound => new Counter(builder.Start(labels)
            .Set(LabelSet.MetricNameLabel, name + "_bucket")
            .Set("le", double.IsPositiveInfinity(bound) ? "+Inf" : $"{bound:0.0}").Build()))];
        _sum = new Counter(builder.Start(labels).Set(LabelSet.MetricNameLabel, name + "_sum").Build());
        _count = new Counter(builder.Start(labels).Set(LabelSet.MetricNameLabel, name + "_count").Build());
    }

    /// <summary>Its series.</summary>
    public IEnumerable<Counter> Parts => [.. _buckets, _sum, _count];

    public void Observe(double value)
    {
        for (var i = 0; i < Bounds.Length; i++)
        {
            _buckets[i].Add(value <= Bounds[i] ? 1 : 0);
        }

        _sum.Add(value);
        _count.Add(1);
    }
}
