using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Model.Wire;

namespace Flyball.Ingest.Otlp.Metrics;

/// <summary>What the five kinds of data points have, read by one walk; which fields mean what depends on the kind.</summary>
/// <remarks>Field numbers: OpenTelemetry protocol specification.</remarks>
internal sealed class DataPoint
{
    private const uint NoRecordedValue = 1;

    public List<KeyValuePair<string, string>> Attributes { get; } = [];

    public TimestampMs At => new TimestampNs(AtNs).ToMs();

    public TimestampMs Start => new TimestampNs(StartNs).ToMs();

    public ulong AtNs { get; private set; }

    public ulong StartNs { get; private set; }

    public uint Flags { get; private set; }

    public double Value { get; private set; }

    public double? Sum { get; private set; }

    public ulong Count { get; private set; }

    public List<ulong> BucketCounts { get; } = [];

    public List<double> Bounds { get; } = [];

    public List<(double Quantile, double Value)> Quantiles { get; } = [];

    public List<Exemplar> Exemplars { get; } = [];

    public int Scale { get; private set; }

    public ulong ZeroCount { get; private set; }

    public double ZeroThreshold { get; private set; }

    /// <summary>Bytes of the bucket messages of an exponential histogram.</summary>
    public byte[] Positive { get; private set; } = [];

    public byte[] Negative { get; private set; } = [];

    /// <summary>Whether the point only says that there is no value any more.</summary>
    public bool IsStale => (Flags & NoRecordedValue) != 0;

    public static DataPoint ReadNumber(ReadOnlySpan<byte> message)
    {
        var point = new DataPoint();
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (4, WireType.Fixed64):
                    point.Value = reader.ReadDouble();
                    break;
                case (6, WireType.Fixed64):
                    point.Value = (long)reader.ReadFixed64();
                    break;
                default:
                    point.ReadCommon(ref reader, field, type, new Places(Attributes: 7, Flags: 8, Exemplars: 5));
                    break;
            }
        }

        return point;
    }

    public static DataPoint ReadHistogram(ReadOnlySpan<byte> message)
    {
        var point = new DataPoint();
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (6, WireType.Bytes):
                    point.ReadPacked(reader.ReadBytes(), point.BucketCounts, bits => bits);
                    break;
                case (6, WireType.Fixed64):
                    point.BucketCounts.Add(reader.ReadFixed64());
                    break;
                case (7, WireType.Bytes):
                    point.ReadPacked(reader.ReadBytes(), point.Bounds, BitConverter.UInt64BitsToDouble);
                    break;
                case (7, WireType.Fixed64):
                    point.Bounds.Add(reader.ReadDouble());
                    break;
                default:
                    point.ReadDistribution(ref reader, field, type, new Places(Attributes: 9, Flags: 10, Exemplars: 8));
                    break;
            }
        }

        return point;
    }

    public static DataPoint ReadExponential(ReadOnlySpan<byte> message)
    {
        var point = new DataPoint();
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (6, WireType.Varint):
                    point.Scale = (int)reader.ReadZigZag();
                    break;
                case (7, WireType.Fixed64):
                    point.ZeroCount = reader.ReadFixed64();
                    break;
                case (8, WireType.Bytes):
                    point.Positive = reader.ReadBytes().ToArray();
                    break;
                case (9, WireType.Bytes):
                    point.Negative = reader.ReadBytes().ToArray();
                    break;
                case (14, WireType.Fixed64):
                    point.ZeroThreshold = reader.ReadDouble();
                    break;
                default:
                    point.ReadDistribution(ref reader, field, type, new Places(Attributes: 1, Flags: 10, Exemplars: 11));
                    break;
            }
        }

        return point;
    }

    public static DataPoint ReadSummary(ReadOnlySpan<byte> message)
    {
        var point = new DataPoint();
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            if ((field, type) == (6, WireType.Bytes))
            {
                point.Quantiles.Add(ReadQuantile(reader.ReadBytes()));
            }
            else
            {
                point.ReadDistribution(ref reader, field, type, new Places(Attributes: 7, Flags: 8, Exemplars: Places.None));
            }
        }

        return point;
    }

    // Histograms of both kinds and summaries count and add up in the same fields.
    private void ReadDistribution(ref WireReader reader, int field, WireType type, Places places)
    {
        switch (field, type)
        {
            case (4, WireType.Fixed64):
                Count = reader.ReadFixed64();
                break;
            case (5, WireType.Fixed64):
                Sum = reader.ReadDouble();
                break;
            default:
                ReadCommon(ref reader, field, type, places);
                break;
        }
    }

    // Fields 2 and 3 are the times in every kind.
    private void ReadCommon(ref WireReader reader, int field, WireType type, Places places)
    {
        switch (type)
        {
            case WireType.Bytes when field == places.Attributes:
                Attributes.Add(AttributeReader.Read(reader.ReadBytes()));
                break;
            case WireType.Bytes when field == places.Exemplars:
                Exemplars.Add(ExemplarReader.Read(reader.ReadBytes()));
                break;
            case WireType.Varint when field == places.Flags:
                Flags = (uint)reader.ReadVarint();
                break;
            case WireType.Fixed64 when field == 2:
                StartNs = reader.ReadFixed64();
                break;
            case WireType.Fixed64 when field == 3:
                AtNs = reader.ReadFixed64();
                break;
            default:
                reader.Skip(type);
                break;
        }
    }

    private void ReadPacked<T>(ReadOnlySpan<byte> packed, List<T> to, Func<ulong, T> convert)
    {
        var reader = new WireReader(packed);
        while (!reader.AtEnd)
        {
            to.Add(convert(reader.ReadFixed64()));
        }
    }

    private static (double, double) ReadQuantile(ReadOnlySpan<byte> message)
    {
        double quantile = 0, value = 0;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Fixed64):
                    quantile = reader.ReadDouble();
                    break;
                case (2, WireType.Fixed64):
                    value = reader.ReadDouble();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return (quantile, value);
    }

    /// <summary>Which fields hold what all kinds have, but each elsewhere.</summary>
    private readonly record struct Places(int Attributes, int Flags, int Exemplars)
    {
        public const int None = 0;
    }
}

/// <summary>Reads exemplars; trace and span id become labels (OpenTelemetry protocol specification).</summary>
internal static class ExemplarReader
{
    public static Exemplar Read(ReadOnlySpan<byte> message)
    {
        var labels = new LabelSetBuilder();
        double value = 0;
        TimestampMs at = default;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (2, WireType.Fixed64):
                    at = new TimestampNs(reader.ReadFixed64()).ToMs();
                    break;
                case (3, WireType.Fixed64):
                    value = reader.ReadDouble();
                    break;
                case (6, WireType.Fixed64):
                    value = (long)reader.ReadFixed64();
                    break;
                case (4, WireType.Bytes):
                    labels.Set("span_id", Convert.ToHexStringLower(reader.ReadBytes()));
                    break;
                case (5, WireType.Bytes):
                    labels.Set("trace_id", Convert.ToHexStringLower(reader.ReadBytes()));
                    break;
                case (7, WireType.Bytes):
                    var (key, text) = AttributeReader.Read(reader.ReadBytes());
                    if (MetricNames.Label(key) is { } label)
                    {
                        labels.Set(label, text);
                    }

                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return new Exemplar(labels.Build(), value, at);
    }
}
