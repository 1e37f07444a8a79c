using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Spans;
using Flyball.Model.Text;
using Flyball.Model.Time;

namespace Flyball.Traces.SpanMetrics;

/// <summary>The series of one metric family with one set of labels: knows their values and writes them as samples.</summary>
internal abstract class SeriesGroup
{
    /// <summary>Series it is made of.</summary>
    public abstract int Count { get; }

    /// <summary>Writes every series.</summary>
    public abstract void Write(SampleBatch batch, TimestampMs at, Moment moment);

    /// <summary>What is written of a series.</summary>
    public enum Moment
    {
        /// <summary>Zero: a series begins, and what came with its first spans must show as an increase.</summary>
        Begin,

        /// <summary>Its value.</summary>
        Now,

        /// <summary>The staleness marker.</summary>
        End,
    }

    protected static double Pick(Moment moment, double value) => moment switch
    {
        Moment.Begin => 0,
        Moment.Now => value,
        _ => StaleMarker.Value,
    };

    protected static LabelSet Named(string name, LabelSet labels) => new LabelSetBuilder().Start(labels).Set(LabelSet.MetricNameLabel, name).Build();
}

/// <summary>One counter or gauge.</summary>
internal sealed class CounterSeries(string name, LabelSet labels) : SeriesGroup
{
    private readonly LabelSet _labels = Named(name, labels);

    public double Value { get; set; }

    public override int Count => 1;

    public override void Write(SampleBatch batch, TimestampMs at, Moment moment) =>
        batch.AddSample(batch.AddSeries(_labels), at, Pick(moment, Value));
}

/// <summary>One classic histogram, with the newest span of each bucket as exemplar.</summary>
internal sealed class HistogramSeries : SeriesGroup
{
    private readonly IReadOnlyList<double> _bounds;
    private readonly LabelSet[] _buckets;
    private readonly LabelSet _sumLabels;
    private readonly LabelSet _countLabels;
    private readonly double[] _counts;
    private readonly (TraceId Trace, double Value, long AtMs)[] _exemplars;
    private readonly string _exemplarLabel;
    private double _sum;
    private double _count;

    public HistogramSeries(string name, LabelSet labels, IReadOnlyList<double> bounds, string exemplarLabel)
    {
        _bounds = bounds;
        _exemplarLabel = exemplarLabel;
        _buckets = new LabelSet[bounds.Count + 1];
        for (var i = 0; i < _buckets.Length; i++)
        {
            var le = i < bounds.Count ? GoFloat.ToText(bounds[i]) : "+Inf";
            _buckets[i] = new LabelSetBuilder().Start(Named(name + "_bucket", labels)).Set("le", le).Build();
        }

        _sumLabels = Named(name + "_sum", labels);
        _countLabels = Named(name + "_count", labels);
        _counts = new double[_buckets.Length];
        _exemplars = new (TraceId, double, long)[_buckets.Length];
    }

    public override int Count => _buckets.Length + 2;

    public void Add(double value, double weight, TraceId trace, long atMs)
    {
        var bucket = 0;
        while (bucket < _bounds.Count && value > _bounds[bucket])
        {
            bucket++;
        }

        _counts[bucket] += weight;
        _count += weight;
        _sum += value * weight;
        _exemplars[bucket] = (trace, value, atMs);
    }

    public override void Write(SampleBatch batch, TimestampMs at, Moment moment)
    {
        double below = 0;
        for (var i = 0; i < _buckets.Length; i++)
        {
            below += _counts[i];
            var series = batch.AddSeries(_buckets[i]);
            batch.AddSample(series, at, Pick(moment, below));
            if (moment == Moment.Now && !_exemplars[i].Trace.IsZero)
            {
                var labels = LabelSet.Of([(_exemplarLabel, _exemplars[i].Trace.ToString())]);
                batch.AddExemplar(series, new Exemplar(labels, _exemplars[i].Value, new TimestampMs(_exemplars[i].AtMs)));
                _exemplars[i] = default;
            }
        }

        batch.AddSample(batch.AddSeries(_sumLabels), at, Pick(moment, _sum));
        batch.AddSample(batch.AddSeries(_countLabels), at, Pick(moment, _count));
    }
}
