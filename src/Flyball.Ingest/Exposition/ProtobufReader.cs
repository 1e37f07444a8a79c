using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Wire;

namespace Flyball.Ingest.Exposition;

/// <summary>Reads delimited protobuf: families of metrics, each taken apart into the samples a text body would have. Prometheus documentation, "Exposition formats".</summary>
/// <remarks>
/// A series has no written form here, so one is made up for the caller's cache:
/// <code>
/// family name | 0 | part (which of the metric's samples) | bits of le or quantile (8 bytes) | label messages as they came
/// </code>
/// </remarks>
internal sealed class ProtobufReader(bool nativeHistograms, bool alwaysClassic) : ExpositionReader
{
    private static readonly string[] Suffixes = ["", "", "_sum", "_count", "_bucket"];

    private readonly List<ProtobufSample> _samples = [];
    private readonly List<(int Start, int Length)> _metrics = [];
    private readonly List<(int Start, int Length)> _labels = [];
    private readonly Queue<ExpositionEntry> _introductions = [];
    private byte[] _key = new byte[256];
    private int _keyLength;
    private byte[] _family = [];
    private byte[] _help = [];
    private byte[] _unit = [];
    private ExpositionEntry _standsOn;
    private ReadOnlyMemory<byte> _body;
    private int _at;
    private int _nextMetric;
    private int _nextSample;

    public override ReadOnlySpan<byte> Series => _key.AsSpan(0, _keyLength);

    public override ReadOnlySpan<byte> Family => _family;

    public override ReadOnlySpan<byte> Text => _standsOn == ExpositionEntry.Unit ? _unit : _help;

    public override void Reset(ReadOnlyMemory<byte> body)
    {
        _body = body;
        _at = 0;
        _nextMetric = _nextSample = 0;
        _metrics.Clear();
        _samples.Clear();
        _introductions.Clear();
        _exemplars.Clear();
    }

    public override ExpositionEntry Read()
    {
        try
        {
            return _standsOn = ReadEntry();
        }
        catch (WireFormatException e)
        {
            throw new ExpositionFormatException(e.Message);
        }
    }

    public override void ReadLabels(LabelSetBuilder into)
    {
        try
        {
            ReadLabelMessages(into);
        }
        catch (WireFormatException e)
        {
            throw new ExpositionFormatException(e.Message);
        }
    }

    private void ReadLabelMessages(LabelSetBuilder into)
    {
        var sample = _samples[_nextSample - 1];
        into.Append("__name__"u8, [.. _family, .. Encoding.ASCII.GetBytes(Suffixes[(int)sample.Part])]);
        foreach (var (start, length) in _labels)
        {
            WirePair.Split(_body.Span.Slice(start, length), out var name, out var value);
            if (name.IsEmpty || !Utf8.IsValid(name) || !Utf8.IsValid(value))
            {
                throw new ExpositionFormatException($"invalid label {GoText.Quote(name)}={GoText.Quote(value)} in family {GoText.Quote(_family)}");
            }

            into.Append(name, value);
        }

        if (sample.Part is ProtobufPart.Bucket or ProtobufPart.Quantile)
        {
            into.Append(
                sample.Part == ProtobufPart.Bucket ? "le"u8 : "quantile"u8, Encoding.ASCII.GetBytes(ExposedFloat.FormatOpenMetrics(sample.Bound)));
        }
    }

    private ExpositionEntry ReadEntry()
    {
        while (true)
        {
            if (_introductions.TryDequeue(out var introduction))
            {
                return introduction;
            }

            if (_nextSample < _samples.Count)
            {
                return Take(_samples[_nextSample++]);
            }

            if (_nextMetric < _metrics.Count)
            {
                var (start, length) = _metrics[_nextMetric++];
                ReadMetric(start, length);
            }
            else if (_at < _body.Length)
            {
                ReadFamily();
            }
            else
            {
                return ExpositionEntry.End;
            }
        }
    }

    private ExpositionEntry Take(ProtobufSample sample)
    {
        Value = sample.Value;
        Histogram = sample.Histogram;
        _exemplars.Clear();
        if (sample.Exemplars is { } exemplars)
        {
            _exemplars.AddRange(exemplars);
        }

        WriteKey(sample);
        return sample.Histogram is null ? ExpositionEntry.Sample : ExpositionEntry.Histogram;
    }

    private void WriteKey(ProtobufSample sample)
    {
        var length = _family.Length + 10 + _labels.Sum(l => l.Length + 4);
        if (_key.Length < length)
        {
            _key = new byte[length * 2];
        }

        _family.CopyTo(_key, 0);
        _keyLength = _family.Length;
        _key[_keyLength++] = 0;
        _key[_keyLength++] = (byte)sample.Part;
        BinaryPrimitives.WriteDoubleLittleEndian(_key.AsSpan(_keyLength), sample.Bound);
        _keyLength += 8;
        foreach (var (start, labelLength) in _labels)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_key.AsSpan(_keyLength), labelLength);
            _body.Span.Slice(start, labelLength).CopyTo(_key.AsSpan(_keyLength + 4));
            _keyLength += labelLength + 4;
        }
    }

    // uvarint length, then MetricFamily: name 1, help 2, type 3, metric 4, unit 5
    private void ReadFamily()
    {
        var stream = new WireReader(_body.Span) { Position = _at };
        var message = stream.ReadBytes();
        var offset = stream.Position - message.Length;
        _at = stream.Position;
        _metrics.Clear();
        _nextMetric = 0;
        ReadOnlySpan<byte> name = default, help = default, unit = default;
        ulong type = 0;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var wire))
        {
            switch (field, wire)
            {
                case (1, WireType.Bytes):
                    name = reader.ReadBytes();
                    break;
                case (2, WireType.Bytes):
                    help = reader.ReadBytes();
                    break;
                case (3, WireType.Varint):
                    type = reader.ReadVarint();
                    break;
                case (4, WireType.Bytes):
                    var metric = reader.ReadBytes();
                    _metrics.Add((offset + reader.Position - metric.Length, metric.Length));
                    break;
                case (5, WireType.Bytes):
                    unit = reader.ReadBytes();
                    break;
                default:
                    reader.Skip(wire);
                    break;
            }
        }

        Introduce(name, help, unit, type);
    }

    private void Introduce(ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, ReadOnlySpan<byte> unit, ulong type)
    {
        if (name.IsEmpty || !Utf8.IsValid(name))
        {
            throw new ExpositionFormatException($"invalid metric name: {GoText.Quote(name)}");
        }

        if (!Utf8.IsValid(help))
        {
            throw new ExpositionFormatException($"invalid help for metric {GoText.Quote(name)}: {GoText.Quote(help)}");
        }

        Keep(ref _family, name);
        Keep(ref _help, help);
        Keep(ref _unit, unit);
        Type = type switch
        {
            0 => MetricType.Counter,
            1 => MetricType.Gauge,
            2 => MetricType.Summary,
            3 => MetricType.Unknown,
            4 => MetricType.Histogram,
            5 => MetricType.GaugeHistogram,
            _ => throw new ExpositionFormatException($"unknown metric type for metric {GoText.Quote(name)}: {type}"),
        };
        _introductions.Enqueue(ExpositionEntry.Type);
        if (!help.IsEmpty)
        {
            _introductions.Enqueue(ExpositionEntry.Help);
        }

        if (!unit.IsEmpty)
        {
            _introductions.Enqueue(ExpositionEntry.Unit);
        }
    }

    private static void Keep(ref byte[] kept, ReadOnlySpan<byte> text)
    {
        if (!text.SequenceEqual(kept))
        {
            kept = text.ToArray();
        }
    }

    // Metric: label 1, gauge 2, counter 3, summary 4, untyped 5, timestamp_ms 6, histogram 7
    private void ReadMetric(int offset, int length)
    {
        _samples.Clear();
        _labels.Clear();
        _nextSample = 0;
        HasTimestamp = false;
        var metric = new ProtobufMetric(_samples, nativeHistograms, alwaysClassic);
        var reader = new WireReader(_body.Span.Slice(offset, length));
        while (reader.TryReadField(out var field, out var wire))
        {
            switch (field, wire)
            {
                case (1, WireType.Bytes):
                    var label = reader.ReadBytes();
                    _labels.Add((offset + reader.Position - label.Length, label.Length));
                    break;
                case (2 or 3 or 5, WireType.Bytes):
                    metric.ReadSingle(reader.ReadBytes());
                    break;
                case (4, WireType.Bytes):
                    metric.ReadSummary(reader.ReadBytes());
                    break;
                case (6, WireType.Varint):
                    TimestampMs = (long)reader.ReadVarint();
                    HasTimestamp = true;
                    break;
                case (7, WireType.Bytes):
                    metric.ReadHistogram(reader.ReadBytes(), Type == MetricType.GaugeHistogram);
                    break;
                default:
                    reader.Skip(wire);
                    break;
            }
        }
    }
}

/// <summary>Which of a metric's samples one is; decides about suffix and extra label.</summary>
internal enum ProtobufPart
{
    Plain,
    Quantile,
    Sum,
    Count,
    Bucket,
}

/// <summary>One sample taken out of a metric.</summary>
/// <param name="Bound">The bucket's upper bound or the quantile.</param>
internal readonly record struct ProtobufSample(ProtobufPart Part, double Value, double Bound = 0)
{
    public Model.Histograms.NativeHistogram? Histogram { get; init; }

    public List<ExposedExemplar>? Exemplars { get; init; }
}
