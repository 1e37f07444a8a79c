using System.Buffers.Binary;
using System.Text;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Model.Wire;

namespace Flyball.Ingest.RemoteWrite;

/// <summary>Reads <c>prometheus.WriteRequest</c>. Fields: Prometheus remote-write specification.</summary>
/// <remarks>
/// A series that was sent before is found by the key of its label bytes (<see cref="KnownSeries"/>), and its labels are neither decoded
/// nor checked again. Holds the table's lock while it reads, which is the shorter part of a request's work.
/// </remarks>
internal sealed class Version1Reader(KnownSeries known) : WriteRequestReader, ILabelSource
{
    private const int SeriesField = 1, MetadataField = 3;
    private const int LabelsField = 1, SamplesField = 2, ExemplarsField = 3, HistogramsField = 4;

    // For each series of the batch the key of its labels; and where they stand, for whoever asks after all.
    private SeriesNote[] _notes = new SeriesNote[64];
    private ReadOnlyMemory<byte> _request;
    private SeriesNote _current;

    /// <inheritdoc />
    public ReadOnlySpan<byte> EncodedLabels(int token)
    {
        ref var note = ref _notes[token];
        ReadLabels(_request.Span.Slice(note.Offset, note.Length));
        return Labels.Encoded;
    }

    /// <inheritdoc />
    public override void Stored(SampleBatch batch)
    {
        for (var series = 0; series < batch.SeriesCount; series++)
        {
            ref var note = ref _notes[series];
            var handle = batch.Ref(series);
            if (handle != note.Handle && handle != SeriesRef.None && note.Key != default)
            {
                lock (known)
                {
                    known.Remember(note.Key, handle);
                }
            }
        }
    }

    /// <inheritdoc />
    public override void Release() => _request = default;

    private protected override void ReadRequest(ReadOnlyMemory<byte> request, SampleBatch batch)
    {
        _request = request;
        lock (known)
        {
            ReadSeriesAndMetadata(request, batch);
        }
    }

    private void ReadSeriesAndMetadata(ReadOnlyMemory<byte> request, SampleBatch batch)
    {
        var reader = new WireReader(request.Span);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (SeriesField, WireType.Bytes):
                    var message = reader.ReadBytes();
                    ReadSeries(message, reader.Position - message.Length, batch);
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

    private void ReadSeries(ReadOnlySpan<byte> message, int offset, SampleBatch batch)
    {
        var labels = LengthOfLabels(message);
        _current = new SeriesNote { Offset = offset, Length = labels };
        int series;
        if (labels > 0 && known.TryFind(_current.Key = WireKey.Of(message[..labels]), out _current.Handle))
        {
            series = batch.AddSeries(this, batch.SeriesCount, _current.Handle);
        }
        else
        {
            labels = ReadLabels(message);
            if (Labels.Problem is not null)
            {
                SkippedSeries++;
                return;
            }

            series = batch.AddSeries(Labels.Encoded);
        }

        Note(series);
        var reader = new WireReader(message) { Position = labels };
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

    // How many bytes the labels take when they all stand at the beginning, as on every wire that exists; else 0, since the encoding
    // does not promise it: such a series is read with care.
    private static int LengthOfLabels(ReadOnlySpan<byte> message)
    {
        const byte LabelsTag = (LabelsField << 3) | (int)WireType.Bytes;
        int at = 0, labels = 0;
        while (at + 1 < message.Length)
        {
            var tag = message[at];
            if (tag == LabelsTag && labels == at)
            {
                at = labels = BehindField(message, at);
            }
            else if ((tag & 7) == (int)WireType.Bytes && tag < 0x80 && tag != LabelsTag)
            {
                at = BehindField(message, at);
            }
            else
            {
                return 0;
            }
        }

        return at == message.Length ? labels : 0;
    }

    // Beyond the end for lengths of more than two bytes, which no label has that is worth knowing.
    private static int BehindField(ReadOnlySpan<byte> message, int at)
    {
        int length = message[at + 1];
        if (length < 0x80)
        {
            return at + 2 + length;
        }

        return at + 2 < message.Length && message[at + 2] < 0x80 ? at + 3 + (length & 0x7f) + (message[at + 2] << 7) : message.Length + 1;
    }

    private void Note(int series)
    {
        if (series >= _notes.Length)
        {
            Array.Resize(ref _notes, _notes.Length * 2);
        }

        _notes[series] = _current;
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
        WirePair.Split(message, out var name, out var value);
        Labels.Add(name, value);
    }

    // The labels of a known series were not read: only a message about it needs them.
    private protected override string DescribeSeries()
    {
        if (_current.Handle != SeriesRef.None)
        {
            ReadLabels(_request.Span.Slice(_current.Offset, _current.Length));
        }

        return Labels.ToString();
    }

    private void AddSample(SampleBatch batch, int series, ReadOnlySpan<byte> message)
    {
        if (!TryReadUsual(message, out var value, out var timestampMs))
        {
            ReadSample(message, out value, out timestampMs);
        }

        if (!IsTooFarAhead(timestampMs))
        {
            batch.AddSample(series, new TimestampMs(timestampMs), value);
        }
    }

    // A value, then a time of six bytes (2004 to 2109): what every sender writes.
    private static bool TryReadUsual(ReadOnlySpan<byte> message, out double value, out long timestampMs)
    {
        const byte ValueTag = (1 << 3) | (int)WireType.Fixed64, TimeTag = (2 << 3) | (int)WireType.Varint;
        const ulong Goes = 0x8080_8080_80, Number = 0x7f;
        if (message.Length == 16 && message[0] == ValueTag && message[9] == TimeTag)
        {
            var raw = BinaryPrimitives.ReadUInt64LittleEndian(message[8..]) >> 16;
            if ((raw & (Goes | (0x80UL << 40))) == Goes)
            {
                value = BinaryPrimitives.ReadDoubleLittleEndian(message[1..]);
                timestampMs = (long)((raw & Number) | ((raw >> 1) & (Number << 7)) | ((raw >> 2) & (Number << 14))
                    | ((raw >> 3) & (Number << 21)) | ((raw >> 4) & (Number << 28)) | ((raw >> 5) & (Number << 35)));
                return true;
            }
        }

        value = 0;
        timestampMs = 0;
        return false;
    }

    private static void ReadSample(ReadOnlySpan<byte> message, out double value, out long timestampMs)
    {
        value = 0;
        timestampMs = 0;
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
                    WirePair.Split(reader.ReadBytes(), out var name, out var text);
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

    /// <summary>What is kept of a series until its batch is stored.</summary>
    /// <remarks>Key: of its labels, or none. Handle: as known before the store was asked, or none. Offset and length: of its labels.</remarks>
    private struct SeriesNote
    {
        public WireKey Key;
        public SeriesRef Handle;
        public int Offset;
        public int Length;
    }
}
