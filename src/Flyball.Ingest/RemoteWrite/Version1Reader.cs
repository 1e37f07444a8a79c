using System.Text;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Model.Wire;

namespace Flyball.Ingest.RemoteWrite;

/// <summary>Reads <c>prometheus.WriteRequest</c>. Fields: shared facts D30.</summary>
internal sealed class Version1Reader : WriteRequestReader
{
    private const int SeriesField = 1, MetadataField = 3;
    private const int LabelsField = 1, SamplesField = 2, ExemplarsField = 3, HistogramsField = 4;

    private protected override void ReadRequest(ReadOnlyMemory<byte> request, SampleBatch batch)
    {
        var reader = new WireReader(request.Span);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (SeriesField, WireType.Bytes):
                    ReadSeries(reader.ReadBytes(), batch);
                    break;
                case (MetadataField, WireType.Bytes):
                    batch.AddMetadata(ReadMetadata(reader.ReadBytes()));
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
    }

    // Labels come first on every wire that exists, but the encoding does not promise it: hence two passes, the first short.
    private void ReadSeries(ReadOnlySpan<byte> message, SampleBatch batch)
    {
        var rest = ReadLabels(message);
        if (Labels.Problem is not null)
        {
            SkippedSeries++;
            return;
        }

        var series = batch.AddSeries(Labels.Encoded);
        var reader = new WireReader(message) { Position = rest };
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (SamplesField, WireType.Bytes):
                    AddSample(batch, series, reader.ReadBytes());
                    break;
                case (ExemplarsField, WireType.Bytes):
                    AddExemplar(batch, series, reader.ReadBytes());
                    break;
                case (HistogramsField, WireType.Bytes):
                    AddHistogram(batch, series, reader.ReadBytes());
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
    }

    // Returns where the first pass of other fields may begin: behind the labels if they all come first, else 0.
    private int ReadLabels(ReadOnlySpan<byte> message)
    {
        Labels.Begin();
        var reader = new WireReader(message);
        int behindLabels = 0, others = 0;
        while (reader.TryReadField(out var field, out var type))
        {
            if (field != LabelsField || type != WireType.Bytes)
            {
                others++;
                reader.Skip(type);
                continue;
            }

            ReadLabel(reader.ReadBytes());
            behindLabels = others == 0 ? reader.Position : 0;
        }

        Labels.Finish();
        return behindLabels;
    }

    private void ReadLabel(ReadOnlySpan<byte> message)
    {
        SplitLabel(message, out var name, out var value);
        Labels.Add(name, value);
    }

    private void AddSample(SampleBatch batch, int series, ReadOnlySpan<byte> message)
    {
        double value = 0;
        long timestampMs = 0;
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
                default:
                    reader.Skip(type);
                    break;
            }
        }

        if (!IsTooFarAhead(timestampMs))
        {
            batch.AddSample(series, new TimestampMs(timestampMs), value);
        }
    }

    private static void AddExemplar(SampleBatch batch, int series, ReadOnlySpan<byte> message)
    {
        var labels = new LabelSetBuilder();
        double value = 0;
        long timestampMs = 0;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    SplitLabel(reader.ReadBytes(), out var name, out var text);
                    if (!name.IsEmpty)
                    {
                        labels.Set(name, text);
                    }

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

        batch.AddExemplar(series, new Exemplar(labels.Build(), value, new TimestampMs(timestampMs)));
    }

    private static void SplitLabel(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    name = reader.ReadBytes();
                    break;
                case (2, WireType.Bytes):
                    value = reader.ReadBytes();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
    }

    private static MetricMetadata ReadMetadata(ReadOnlySpan<byte> message)
    {
        var metadata = new MetricMetadata("", MetricType.Unknown, "", "");
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Varint):
                    metadata = metadata with { Type = TypeOf(reader.ReadVarint()) };
                    break;
                case (2, WireType.Bytes):
                    metadata = metadata with { Family = Encoding.UTF8.GetString(reader.ReadBytes()) };
                    break;
                case (4, WireType.Bytes):
                    metadata = metadata with { Help = Encoding.UTF8.GetString(reader.ReadBytes()) };
                    break;
                case (5, WireType.Bytes):
                    metadata = metadata with { Unit = Encoding.UTF8.GetString(reader.ReadBytes()) };
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return metadata;
    }
}
