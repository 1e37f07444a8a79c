using Flyball.Ingest.Histograms;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Wire;

namespace Flyball.Ingest.Exposition;

/// <summary>Takes the messages inside one protobuf metric apart into samples. Fields: Prometheus documentation, "Exposition formats".</summary>
internal readonly ref struct ProtobufMetric(List<ProtobufSample> samples, bool nativeHistograms, bool alwaysClassic)
{
    private const int CoarsestSchema = -4, FinestSchema = 8;

    private readonly List<ProtobufSample> _samples = samples;
    private readonly bool _native = nativeHistograms;
    private readonly bool _alwaysClassic = alwaysClassic;

    /// <summary>Counter, gauge or untyped: value 1, and for a counter exemplar 2.</summary>
    public void ReadSingle(ReadOnlySpan<byte> message)
    {
        double value = 0;
        List<ExposedExemplar>? exemplars = null;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Fixed64):
                    value = reader.ReadDouble();
                    break;
                case (2, WireType.Bytes):
                    (exemplars ??= []).Add(ReadExemplar(reader.ReadBytes()));
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        _samples.Add(new ProtobufSample(ProtobufPart.Plain, Canonical(value)) { Exemplars = exemplars });
    }

    /// <summary>Summary: sample_count 1, sample_sum 2, quantile 3 {quantile 1, value 2}.</summary>
    public void ReadSummary(ReadOnlySpan<byte> message)
    {
        double count = 0, sum = 0;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Varint):
                    count = reader.ReadVarint();
                    break;
                case (2, WireType.Fixed64):
                    sum = reader.ReadDouble();
                    break;
                case (3, WireType.Bytes):
                    var (quantile, value) = ReadPair(reader.ReadBytes());
                    _samples.Add(new ProtobufSample(ProtobufPart.Quantile, Canonical(value), quantile));
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        _samples.Add(new ProtobufSample(ProtobufPart.Sum, Canonical(sum)));
        _samples.Add(new ProtobufSample(ProtobufPart.Count, count));
    }

    /// <summary>Histogram, classic or native or both.</summary>
    public void ReadHistogram(ReadOnlySpan<byte> message, bool isGauge)
    {
        double count = 0, floatCount = 0, sum = 0, zeroThreshold = 0, zeroCount = 0, floatZeroCount = 0;
        var schema = 0;
        var negative = new BucketColumns();
        var positive = new BucketColumns();
        var buckets = new List<ProtobufSample>();
        var exemplars = new List<ExposedExemplar>();
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Varint):
                    count = reader.ReadVarint();
                    break;
                case (2, WireType.Fixed64):
                    sum = reader.ReadDouble();
                    break;
                case (3, WireType.Bytes):
                    buckets.Add(ReadBucket(reader.ReadBytes()));
                    break;
                case (4, WireType.Fixed64):
                    floatCount = reader.ReadDouble();
                    break;
                case (5, WireType.Varint):
                    schema = (int)reader.ReadZigZag();
                    break;
                case (6, WireType.Fixed64):
                    zeroThreshold = reader.ReadDouble();
                    break;
                case (7, WireType.Varint):
                    zeroCount = reader.ReadVarint();
                    break;
                case (8, WireType.Fixed64):
                    floatZeroCount = reader.ReadDouble();
                    break;
                case (9, WireType.Bytes):
                    negative.AddSpan(reader.ReadBytes());
                    break;
                case (10, _):
                    negative.AddDeltas(ref reader, type);
                    break;
                case (11, _):
                    negative.AddCounts(ref reader, type);
                    break;
                case (12, WireType.Bytes):
                    positive.AddSpan(reader.ReadBytes());
                    break;
                case (13, _):
                    positive.AddDeltas(ref reader, type);
                    break;
                case (14, _):
                    positive.AddCounts(ref reader, type);
                    break;
                case (16, WireType.Bytes):
                    exemplars.Add(ReadExemplar(reader.ReadBytes()));
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        var isFloat = floatCount > 0 || floatZeroCount > 0;
        count = isFloat ? floatCount : count;
        zeroCount = isFloat ? floatZeroCount : zeroCount;
        var isNative = negative.HasSpans || positive.HasSpans || zeroThreshold > 0 || zeroCount > 0;
        if (isNative && _native)
        {
            Check(negative.Problem("negative") ?? positive.Problem("positive"), schema);
            var histogram = new NativeHistogram
            {
                Schema = schema, Count = count, Sum = sum, ZeroThreshold = zeroThreshold, ZeroCount = zeroCount,
                PositiveSpans = positive.Spans, PositiveBuckets = positive.Buckets,
                NegativeSpans = negative.Spans, NegativeBuckets = negative.Buckets,
                ResetHint = isGauge ? CounterResetHint.Gauge : CounterResetHint.Unknown, HasIntegerCounts = !isFloat,
            };
            // Without a time of its own an exemplar cannot be told from the one of the scrape before. Prometheus documentation, "Exposition formats".
            exemplars.RemoveAll(e => e.TimestampMs is null);
            _samples.Add(new ProtobufSample(ProtobufPart.Plain, sum) { Histogram = histogram, Exemplars = exemplars });
        }

        if (!isNative || !_native || (_alwaysClassic && buckets.Count > 0))
        {
            AddClassic(count, sum, buckets);
        }
    }

    private void AddClassic(double count, double sum, List<ProtobufSample> buckets)
    {
        _samples.Add(new ProtobufSample(ProtobufPart.Count, count));
        _samples.Add(new ProtobufSample(ProtobufPart.Sum, Canonical(sum)));
        _samples.AddRange(buckets);
        if (!buckets.Exists(b => double.IsPositiveInfinity(b.Bound)))
        {
            _samples.Add(new ProtobufSample(ProtobufPart.Bucket, count, double.PositiveInfinity));
        }
    }

    private static void Check(string? problem, int schema)
    {
        problem ??= schema is >= CoarsestSchema and <= FinestSchema ? null : $"schema {schema} has an invalid value";
        if (problem is not null)
        {
            throw new ExpositionFormatException($"invalid native histogram: {problem}");
        }
    }

    // Bucket: cumulative_count 1, upper_bound 2, exemplar 3, cumulative_count_float 4
    private static ProtobufSample ReadBucket(ReadOnlySpan<byte> message)
    {
        double count = 0, floatCount = 0, bound = 0;
        List<ExposedExemplar>? exemplars = null;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Varint):
                    count = reader.ReadVarint();
                    break;
                case (2, WireType.Fixed64):
                    bound = reader.ReadDouble();
                    break;
                case (3, WireType.Bytes):
                    (exemplars ??= []).Add(ReadExemplar(reader.ReadBytes()));
                    break;
                case (4, WireType.Fixed64):
                    floatCount = reader.ReadDouble();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return new ProtobufSample(ProtobufPart.Bucket, floatCount > 0 ? floatCount : count, bound) { Exemplars = exemplars };
    }

    // Exemplar: label 1, value 2, timestamp 3 {seconds 1, nanos 2}
    private static ExposedExemplar ReadExemplar(ReadOnlySpan<byte> message)
    {
        var labels = new LabelSetBuilder();
        double value = 0;
        long? timestampMs = null;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    WirePair.Split(reader.ReadBytes(), out var name, out var text);
                    if (!name.IsEmpty)
                    {
                        labels.Set(name, text);
                    }

                    break;
                case (2, WireType.Fixed64):
                    value = reader.ReadDouble();
                    break;
                case (3, WireType.Bytes):
                    timestampMs = ReadTimestamp(reader.ReadBytes());
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return new ExposedExemplar(labels.Build(), value, timestampMs);
    }

    private static long ReadTimestamp(ReadOnlySpan<byte> message)
    {
        long seconds = 0, nanos = 0;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Varint):
                    seconds = (long)reader.ReadVarint();
                    break;
                case (2, WireType.Varint):
                    nanos = (long)reader.ReadVarint();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return unchecked((seconds * 1000) + (nanos / 1_000_000));
    }

    private static (double First, double Second) ReadPair(ReadOnlySpan<byte> message)
    {
        double first = 0, second = 0;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Fixed64):
                    first = reader.ReadDouble();
                    break;
                case (2, WireType.Fixed64):
                    second = reader.ReadDouble();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return (first, second);
    }

    // Any NaN but the ordinary one could be taken for a staleness marker.
    private static double Canonical(double value) => double.IsNaN(value) ? Model.Samples.StaleMarker.NormalNaN : value;
}
