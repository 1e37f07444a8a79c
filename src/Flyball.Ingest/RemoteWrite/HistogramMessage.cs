using Flyball.Ingest.Histograms;
using Flyball.Model.Histograms;
using Flyball.Model.Wire;

namespace Flyball.Ingest.RemoteWrite;

/// <summary>Reads the histogram message of remote write. Fields: Prometheus remote-write specification.</summary>
/// <remarks>Throws <see cref="WireFormatException"/> for broken bytes; well-formed nonsense is a <see cref="Problem"/>.</remarks>
internal ref struct HistogramMessage
{
    private const int FinestSchema = 8, CoarsestSchema = -4;

    /// <summary>UTC milliseconds.</summary>
    public long TimestampMs { get; private set; }

    /// <summary>When counting started in UTC milliseconds, 0 = not said.</summary>
    public long StartTimestampMs { get; private set; }

    /// <summary>The histogram; null when there is a problem.</summary>
    public NativeHistogram? Histogram { get; private set; }

    /// <summary>What is wrong with its content.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads a message.</summary>
    public static HistogramMessage Read(ReadOnlySpan<byte> message)
    {
        var result = new HistogramMessage();
        result.ReadFields(message);
        return result;
    }

    private void ReadFields(ReadOnlySpan<byte> message)
    {
        double count = 0, sum = 0, zeroThreshold = 0, zeroCount = 0;
        var isFloat = false;
        var schema = 0;
        var hint = CounterResetHint.Unknown;
        var negative = new BucketColumns();
        var positive = new BucketColumns();
        var bounds = new List<double>();
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Varint):
                    count = reader.ReadVarint();
                    break;
                case (2, WireType.Fixed64):
                    count = reader.ReadDouble();
                    isFloat = true;
                    break;
                case (3, WireType.Fixed64):
                    sum = reader.ReadDouble();
                    break;
                case (4, WireType.Varint):
                    schema = (int)reader.ReadZigZag();
                    break;
                case (5, WireType.Fixed64):
                    zeroThreshold = reader.ReadDouble();
                    break;
                case (6, WireType.Varint):
                    zeroCount = reader.ReadVarint();
                    break;
                case (7, WireType.Fixed64):
                    zeroCount = reader.ReadDouble();
                    isFloat = true;
                    break;
                case (8, WireType.Bytes):
                    negative.AddSpan(reader.ReadBytes());
                    break;
                case (9, _):
                    negative.AddDeltas(ref reader, type);
                    break;
                case (10, _):
                    negative.AddCounts(ref reader, type);
                    break;
                case (11, WireType.Bytes):
                    positive.AddSpan(reader.ReadBytes());
                    break;
                case (12, _):
                    positive.AddDeltas(ref reader, type);
                    break;
                case (13, _):
                    positive.AddCounts(ref reader, type);
                    break;
                case (14, WireType.Varint):
                    hint = (CounterResetHint)Math.Min(reader.ReadVarint(), 3);
                    break;
                case (15, WireType.Varint):
                    TimestampMs = (long)reader.ReadVarint();
                    break;
                case (16, _):
                    BucketColumns.AddDoubles(bounds, ref reader, type);
                    break;
                case (17, WireType.Varint):
                    StartTimestampMs = (long)reader.ReadVarint();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        Problem = negative.Problem("negative") ?? positive.Problem("positive") ?? SchemaProblem(schema, bounds);
        if (Problem is not null)
        {
            return;
        }

        while (schema > FinestSchema)
        {
            negative.HalveResolution();
            positive.HalveResolution();
            schema--;
        }

        Histogram = new NativeHistogram
        {
            Schema = schema,
            Count = count,
            Sum = sum,
            ZeroThreshold = zeroThreshold,
            ZeroCount = zeroCount,
            PositiveSpans = positive.Spans,
            PositiveBuckets = positive.Buckets,
            NegativeSpans = negative.Spans,
            NegativeBuckets = negative.Buckets,
            CustomBounds = [.. bounds],
            ResetHint = hint,
            HasIntegerCounts = !isFloat,
        };
    }

    private static string? SchemaProblem(int schema, List<double> bounds)
    {
        if (schema == NativeHistogram.CustomBucketsSchema)
        {
            for (var i = 1; i < bounds.Count; i++)
            {
                if (!(bounds[i - 1] < bounds[i]))
                {
                    return $"custom bucket bound {bounds[i]} follows {bounds[i - 1]}; they must rise";
                }
            }

            return null;
        }

        const int FinestEver = 52;
        return schema is >= CoarsestSchema and <= FinestEver ? null : $"schema {schema} has an invalid value: it must be {CoarsestSchema} to 8 or {NativeHistogram.CustomBucketsSchema}";
    }
}
