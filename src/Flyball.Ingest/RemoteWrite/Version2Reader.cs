using System.Text;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Model.Wire;

namespace Flyball.Ingest.RemoteWrite;

/// <summary>Reads <c>io.prometheus.write.v2.Request</c>: strings once in a table, labels as numbers into it. Fields: Prometheus remote-write specification.</summary>
internal sealed class Version2Reader : WriteRequestReader
{
    private const int SymbolsField = 4, SeriesField = 5;
    private const int LabelRefsField = 1, SamplesField = 2, HistogramsField = 3, ExemplarsField = 4, MetadataField = 5;

    private readonly List<(int Start, int Length)> _symbols = [];
    private readonly List<uint> _refs = [];
    private ReadOnlyMemory<byte> _request;

    private protected override void ReadRequest(ReadOnlyMemory<byte> request, SampleBatch batch)
    {
        _request = request;
        ReadSymbols(request.Span);
        var reader = new WireReader(request.Span);
        while (reader.TryReadField(out var field, out var type))
        {
            if (field == SeriesField && type == WireType.Bytes)
            {
                ReadSeries(reader.ReadBytes(), batch);
            }
            else
            {
                reader.Skip(type);
            }
        }
    }

    private void ReadSymbols(ReadOnlySpan<byte> request)
    {
        _symbols.Clear();
        var reader = new WireReader(request);
        while (reader.TryReadField(out var field, out var type))
        {
            if (field == SymbolsField && type == WireType.Bytes)
            {
                var symbol = reader.ReadBytes();
                _symbols.Add((reader.Position - symbol.Length, symbol.Length));
            }
            else
            {
                reader.Skip(type);
            }
        }
    }

    private void ReadSeries(ReadOnlySpan<byte> message, SampleBatch batch)
    {
        var samples = 0;
        Labels.Begin();
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            if (field == LabelRefsField)
            {
                _refs.Clear();
                ReadRefs(ref reader, type);
                AddLabels();
                continue;
            }

            samples += field is SamplesField or HistogramsField ? 1 : 0;
            reader.Skip(type);
        }

        Labels.Finish();
        if (Labels.Problem is { } problem)
        {
            SkippedSeries++;
            Refuse($"{problem}, got {Labels}");
        }
        else if (samples == 0)
        {
            SkippedSeries++;
            Refuse($"TimeSeries must contain at least one sample or histogram for series {Labels}");
        }
        else
        {
            ReadContent(message, batch);
        }
    }

    private void ReadContent(ReadOnlySpan<byte> message, SampleBatch batch)
    {
        var series = batch.AddSeries(Labels.Encoded);
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (SamplesField, WireType.Bytes):
                    AddSample(batch, series, reader.ReadBytes());
                    break;
                case (HistogramsField, WireType.Bytes):
                    AddHistogram(batch, series, reader.ReadBytes());
                    break;
                case (ExemplarsField, WireType.Bytes):
                    AddExemplar(batch, series, reader.ReadBytes());
                    break;
                case (MetadataField, WireType.Bytes):
                    AddMetadata(batch, reader.ReadBytes());
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
    }

    private void ReadRefs(ref WireReader reader, WireType type)
    {
        if (type == WireType.Varint)
        {
            _refs.Add((uint)reader.ReadVarint());
            return;
        }

        var packed = reader.ReadBytes();
        var numbers = new WireReader(packed);
        while (numbers.Position < packed.Length)
        {
            _refs.Add((uint)Math.Min(numbers.ReadVarint(), uint.MaxValue));
        }
    }

    private void AddLabels()
    {
        for (var i = 0; i + 1 < _refs.Count; i += 2)
        {
            Labels.Add(Symbol(_refs[i]), Symbol(_refs[i + 1]));
        }

        if (_refs.Count % 2 != 0)
        {
            throw new WireFormatException($"invalid labelRefs length {_refs.Count}: labels are pairs", 0);
        }
    }

    private ReadOnlySpan<byte> Symbol(uint number)
    {
        if (number >= _symbols.Count)
        {
            throw new WireFormatException($"labels reference symbol {number}, but there are {_symbols.Count}", 0);
        }

        var (start, length) = _symbols[(int)number];
        return _request.Span.Slice(start, length);
    }

    private void AddSample(SampleBatch batch, int series, ReadOnlySpan<byte> message)
    {
        double value = 0;
        long timestampMs = 0, startMs = 0;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Fixed64):
                    value = reader.ReadDouble();
                    break;
                case (2, WireType.Varint):
                    timestampMs = (long)reader.ReadVarint();
                    break;
                case (3, WireType.Varint):
                    startMs = (long)reader.ReadVarint();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        if (!IsTooFarAhead(timestampMs))
        {
            batch.AddSample(series, new TimestampMs(timestampMs), value, new TimestampMs(startMs));
        }
    }

    private void AddExemplar(SampleBatch batch, int series, ReadOnlySpan<byte> message)
    {
        double value = 0;
        long timestampMs = 0;
        _refs.Clear();
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Varint or WireType.Bytes):
                    ReadRefs(ref reader, type);
                    break;
                case (2, WireType.Fixed64):
                    value = reader.ReadDouble();
                    break;
                case (3, WireType.Varint):
                    timestampMs = (long)reader.ReadVarint();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        var labels = new LabelSetBuilder();
        for (var i = 0; i + 1 < _refs.Count; i += 2)
        {
            var name = Symbol(_refs[i]);
            if (!name.IsEmpty)
            {
                labels.Set(name, Symbol(_refs[i + 1]));
            }
        }

        batch.AddExemplar(series, new Exemplar(labels.Build(), value, new TimestampMs(timestampMs)));
    }

    private void AddMetadata(SampleBatch batch, ReadOnlySpan<byte> message)
    {
        var metadata = new MetricMetadata(Family(), MetricType.Unknown, "", "");
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Varint):
                    metadata = metadata with { Type = TypeOf(reader.ReadVarint()) };
                    break;
                case (3, WireType.Varint):
                    metadata = metadata with { Help = Encoding.UTF8.GetString(Symbol((uint)reader.ReadVarint())) };
                    break;
                case (4, WireType.Varint):
                    metadata = metadata with { Unit = Encoding.UTF8.GetString(Symbol((uint)reader.ReadVarint())) };
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        if (metadata is not { Type: MetricType.Unknown, Help: "", Unit: "" })
        {
            batch.AddMetadata(metadata);
        }
    }

    private string Family()
    {
        for (var label = new LabelSet.Enumerator(Labels.Encoded); label.MoveNext();)
        {
            if (label.Current.Name.SequenceEqual("__name__"u8))
            {
                return label.Current.ValueText;
            }
        }

        return "";
    }
}
