using Flyball.Ingest.Otlp.Traces;
using Flyball.Model.Histograms;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Model.Wire;

namespace Flyball.Ingest.Otlp.Metrics;

/// <summary>Reads an ExportMetricsServiceRequest into a <see cref="SampleBatch"/> (OpenTelemetry protocol specification).</summary>
/// <param name="deltas">Adds up what flyball-step counts; null refuses delta temporality from everybody.</param>
internal sealed class OtlpMetricsDecoder(SampleBatch batch, RejectedSpans rejected, DeltaTotals? deltas = null)
{
    private const ulong Delta = 1;
    private const ulong Cumulative = 2;
    private const int ExponentialKind = 10;
    private const int FinestSchema = 8, CoarsestSchema = -4;

    private readonly SeriesWriter _series = new(batch);
    private bool _isScopeOfSteps;

    // Totals to add to; null while the points are totals themselves.
    private DeltaTotals? _adding;
    private bool _isCounted;

    /// <summary>Adds the data points of a request; those that have no counterpart are counted.</summary>
    /// <exception cref="OtlpDecodeException">The bytes are no such message; the batch must not be used.</exception>
    public void Read(ReadOnlySpan<byte> request)
    {
        try
        {
            var reader = new WireReader(request);
            while (reader.TryReadField(out var field, out var type))
            {
                if (field == 1 && type == WireType.Bytes)
                {
                    ReadResourceMetrics(reader.ReadBytes());
                }
                else
                {
                    reader.Skip(type);
                }
            }
        }
        catch (WireFormatException e)
        {
            throw new OtlpDecodeException(e.Message, e);
        }
    }

    private void ReadResourceMetrics(ReadOnlySpan<byte> message)
    {
        // The resource may follow its metrics in the bytes, so it is looked for first.
        var attributes = new List<KeyValuePair<string, string>>();
        ForEach(message, 1, resource => ForEach(resource, 1, keyValue => attributes.Add(AttributeReader.Read(keyValue))));
        _series.BeginResource(attributes);
        ForEach(message, 2, ReadScopeMetrics);
        _series.EndResource();
    }

    private void ReadScopeMetrics(ReadOnlySpan<byte> message)
    {
        _isScopeOfSteps = false;
        ForEach(message, 1, scope => ForEach(scope, 1, name => _isScopeOfSteps = name.SequenceEqual("flyball-step"u8)));
        ForEach(message, 2, ReadMetric);
    }

    private void ReadMetric(ReadOnlySpan<byte> message)
    {
        var metric = new Metric();
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    metric.Name = AttributeReader.Text(reader.ReadBytes());
                    break;
                case (2, WireType.Bytes):
                    metric.Help = AttributeReader.Text(reader.ReadBytes());
                    break;
                case (3, WireType.Bytes):
                    metric.Unit = AttributeReader.Text(reader.ReadBytes());
                    break;
                case (5 or 7 or 9 or 10 or 11, WireType.Bytes):
                    metric.Kind = field;
                    metric.Data = reader.ReadBytes();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        ReadData(metric);
    }

    private void ReadData(Metric metric)
    {
        var temporality = metric.Kind is 7 or 9 or 10 ? VarintOf(metric.Data, 2) : Cumulative;
        var isMonotonic = metric.Kind == 7 && VarintOf(metric.Data, 3) != 0;
        var name = MetricNames.Metric(metric.Name, metric.Unit, isMonotonic, isGauge: metric.Kind == 5);
        _adding = _isScopeOfSteps && temporality == Delta && metric.Kind != ExponentialKind && deltas?.HasRoom == true ? deltas : null;
        if (name.Length == 0 || (temporality != Cumulative && _adding is null))
        {
            var reason = name.Length == 0
                ? $"normalization for metric \"{metric.Name}\" resulted in empty name"
                : $"invalid temporality and type combination for metric \"{metric.Name}\"";
            ForEach(metric.Data, 1, _ => rejected.Add(reason, name.Length == 0 ? "name" : "temporality"));
            return;
        }

        var family = isMonotonic ? MetricType.Counter : metric.Kind switch
        {
            5 or 7 => MetricType.Gauge,
            11 => MetricType.Summary,
            _ => MetricType.Histogram,
        };
        _series.Batch.AddMetadata(new MetricMetadata(name, family, metric.Help, MetricNames.Unit(metric.Unit)));
        var kind = metric.Kind;
        ForEach(metric.Data, 1, point => ReadPoint(kind, name, point));
    }

    private void ReadPoint(int kind, string name, ReadOnlySpan<byte> message)
    {
        var point = kind switch
        {
            5 or 7 => DataPoint.ReadNumber(message),
            9 => DataPoint.ReadHistogram(message),
            10 => DataPoint.ReadExponential(message),
            _ => DataPoint.ReadSummary(message),
        };
        _isCounted = _adding?.IsNew(name, point.StartNs, point.AtNs) == false;
        if (!_series.TrySetPoint(point.Attributes, point.At))
        {
            rejected.Add($"an attribute of metric \"{name}\" has no name that could be a label", "label_name");
            return;
        }

        switch (kind)
        {
            case 5 or 7:
                AddNumber(name, point);
                break;
            case 9:
                AddHistogram(name, point);
                break;
            case 10:
                AddExponential(name, point);
                break;
            default:
                AddSummary(name, point);
                break;
        }
    }

    private void AddNumber(string name, DataPoint point)
    {
        var series = _series.Series(name);
        Add(series, point, point.Value);
        point.Exemplars.ForEach(e => _series.Batch.AddExemplar(series, e));
    }

    private void AddHistogram(string name, DataPoint point)
    {
        if (point.BucketCounts.Count != 0 && point.BucketCounts.Count != point.Bounds.Count + 1)
        {
            rejected.Add($"histogram \"{name}\" has {point.BucketCounts.Count} buckets for {point.Bounds.Count} bounds", "buckets");
            return;
        }

        if (point.Sum is { } sum)
        {
            Add(_series.Series(name + "_sum"), point, sum);
        }

        Add(_series.Series(name + "_count"), point, point.Count);
        ulong cumulative = 0;
        for (var i = 0; i < point.Bounds.Count && i < point.BucketCounts.Count; i++)
        {
            cumulative += point.BucketCounts[i];
            AddBucket(name, point, point.Bounds[i], i == 0 ? double.NegativeInfinity : point.Bounds[i - 1], cumulative);
        }

        AddBucket(name, point, double.PositiveInfinity, point.Bounds.Count == 0 ? double.NegativeInfinity : point.Bounds[^1], point.Count);
    }

    private void AddBucket(string name, DataPoint point, double bound, double boundBefore, double count)
    {
        var series = _series.Series(name + "_bucket", "le", bound);
        Add(series, point, count);
        foreach (var exemplar in point.Exemplars)
        {
            if (exemplar.Value > boundBefore && exemplar.Value <= bound)
            {
                _series.Batch.AddExemplar(series, exemplar);
            }
        }
    }

    private void AddSummary(string name, DataPoint point)
    {
        Add(_series.Series(name + "_sum"), point, point.Sum ?? 0);
        Add(_series.Series(name + "_count"), point, point.Count);
        foreach (var (quantile, value) in point.Quantiles)
        {
            Add(_series.Series(name, "quantile", quantile), point, value);
        }
    }

    private void AddExponential(string name, DataPoint point)
    {
        if (point.Scale < CoarsestSchema)
        {
            rejected.Add($"histogram \"{name}\" has scale {point.Scale}; {CoarsestSchema} is the coarsest", "scale");
            return;
        }

        var scaleDown = Math.Max(0, point.Scale - FinestSchema);
        var positive = new ExponentialBuckets();
        var negative = new ExponentialBuckets();
        positive.Read(point.Positive, scaleDown);
        negative.Read(point.Negative, scaleDown);
        var (positiveSpans, positiveCounts) = positive.Build();
        var (negativeSpans, negativeCounts) = negative.Build();
        var series = _series.Series(name);
        _series.Batch.AddHistogram(
            series,
            point.At,
            new NativeHistogram
            {
                Schema = Math.Min(point.Scale, FinestSchema),
                Count = point.Count,
                Sum = point.IsStale ? StaleMarker.Value : point.Sum ?? 0,
                ZeroCount = point.ZeroCount,
                ZeroThreshold = point.ZeroThreshold,
                PositiveSpans = positiveSpans,
                PositiveBuckets = positiveCounts,
                NegativeSpans = negativeSpans,
                NegativeBuckets = negativeCounts,
                HasIntegerCounts = true,
            },
            point.Start);
        point.Exemplars.ForEach(e => _series.Batch.AddExemplar(series, e));
    }

    private void Add(int series, DataPoint point, double value)
    {
        if (_adding is null)
        {
            _series.Batch.AddSample(series, point.At, point.IsStale ? StaleMarker.Value : value, point.Start);
            return;
        }

        // Two samples: how much was added is then known within any range around them.
        var (before, total, at) = _adding.Add(_series.Batch.Labels(series), _isCounted ? 0 : value, point.At);
        _series.Batch.AddSample(series, at - new DurationMs(1), before);
        _series.Batch.AddSample(series, at, total);
    }

    private delegate void MessageAction(ReadOnlySpan<byte> message);

    private static void ForEach(ReadOnlySpan<byte> message, int wanted, MessageAction action)
    {
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            if (field == wanted && type == WireType.Bytes)
            {
                action(reader.ReadBytes());
            }
            else
            {
                reader.Skip(type);
            }
        }
    }

    private static ulong VarintOf(ReadOnlySpan<byte> message, int wanted)
    {
        ulong value = 0;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            if (field == wanted && type == WireType.Varint)
            {
                value = reader.ReadVarint();
            }
            else
            {
                reader.Skip(type);
            }
        }

        return value;
    }

    private ref struct Metric
    {
        public string Name = "";
        public string Help = "";
        public string Unit = "";
        public int Kind;
        public ReadOnlySpan<byte> Data;

        public Metric()
        {
        }
    }
}
