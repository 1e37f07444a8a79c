using System.Text;
using Flyball.Durable.Files;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>What a Prometheus held in memory: its log, its log of late samples and its mapped head chunks. Records: Prometheus documentation, "TSDB format".</summary>
/// <remarks>Everything is collected per series before it is written anywhere; a head is a few hours of samples.</remarks>
internal sealed class PrometheusHead(long inOrderFromMs)
{
    private const uint HeadChunksMagic = 0x0130bc91;

    private readonly Dictionary<ulong, Collected> _byReference = [];
    private readonly SortedDictionary<LabelSet, Collected> _byLabels = [];
    private bool _late;

    public IReadOnlyDictionary<LabelSet, Collected> Series => _byLabels;

    public List<(LabelSet Series, Exemplar Exemplar)> Exemplars { get; } = [];

    public List<MetricMetadata> Metadata { get; } = [];

    /// <summary>Why reading stopped early, if it did.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Gathers the samples of batches by series.</summary>
    public static SortedDictionary<LabelSet, Collected> Collect(IEnumerable<SampleBatch> batches)
    {
        var all = new SortedDictionary<LabelSet, Collected>();
        foreach (var batch in batches)
        {
            for (var i = 0; i < batch.SampleCount; i++)
            {
                var labels = batch.Labels(batch.SampleSeries[i]);
                if (!all.TryGetValue(labels, out var series))
                {
                    all[labels] = series = new Collected(labels);
                }

                var start = batch.StartTimestampsMs.IsEmpty ? 0 : batch.StartTimestampsMs[i];
                if (!batch.Histograms.IsEmpty && batch.Histograms[i] is { } histogram)
                {
                    series.Samples.Add(batch.TimestampsMs[i], histogram, start);
                }
                else
                {
                    series.Samples.Add(batch.TimestampsMs[i], batch.Values[i], start);
                }
            }
        }

        return all;
    }

    public void Read(IFileSystem files, string source)
    {
        Note(PrometheusLog.Read(files, Path.Combine(source, "wal"), TakeRecord));
        ReadHeadChunks(files, Path.Combine(source, "chunks_head"));
        _late = true;
        Note(PrometheusLog.Read(files, Path.Combine(source, "wbl"), TakeRecord));
    }

    private void Note(string? problem)
    {
        if (problem is not null)
        {
            Problems.Add(problem);
        }
    }

    private void TakeRecord(ReadOnlySpan<byte> record)
    {
        var reader = new GoReader(record);
        switch (reader.ReadByte())
        {
            case 1:
                TakeSeries(ref reader);
                break;
            case 2:
                TakeSamples(ref reader);
                break;
            case 3:
                TakeTombstones(ref reader);
                break;
            case 4:
                TakeExemplars(ref reader);
                break;
            case 6:
                TakeMetadata(ref reader);
                break;
            case 7 or 9:
                TakeHistograms(ref reader, integers: true, custom: record[0] == 9);
                break;
            case 8 or 10:
                TakeHistograms(ref reader, integers: false, custom: record[0] == 10);
                break;
            case 11 or 12 or 13:
                TakeWithStarts(ref reader, record[0]);
                break;
            default:
                // Markers of mapped chunks (5) and kinds of later versions: nothing in them is a sample this reader knows.
                break;
        }
    }

    private void TakeSeries(ref GoReader reader)
    {
        while (!reader.AtEnd)
        {
            var reference = reader.ReadU64();
            var labels = ReadLabels(ref reader);
            if (!_byLabels.TryGetValue(labels, out var series))
            {
                _byLabels[labels] = series = new Collected(labels);
            }

            _byReference[reference] = series;
        }
    }

    private void TakeSamples(ref GoReader reader)
    {
        if (reader.AtEnd)
        {
            return;
        }

        var reference = reader.ReadU64();
        var time = (long)reader.ReadU64();
        while (!reader.AtEnd)
        {
            var series = reference + (ulong)reader.ReadVarint();
            var at = time + reader.ReadVarint();
            var value = reader.ReadDouble();
            if (Wanted(series, at) is { } target)
            {
                target.Samples.Add(at, value);
            }
        }
    }

    private void TakeHistograms(ref GoReader reader, bool integers, bool custom)
    {
        if (reader.AtEnd)
        {
            return;
        }

        var reference = reader.ReadU64();
        var time = (long)reader.ReadU64();
        while (!reader.AtEnd)
        {
            var series = reference + (ulong)reader.ReadVarint();
            var at = time + reader.ReadVarint();
            var histogram = ReadHistogram(ref reader, integers, custom);
            if (Wanted(series, at) is { } target)
            {
                target.Samples.Add(at, histogram);
            }
        }
    }

    // Kinds 11 (floats), 12 and 13 (integer and float histograms), with start timestamps:
    //   first sample   reference, time, start varint; value
    //   others         reference from the one before, time from the first varint; mark u8: 0 no start, 1 the start before, 2 start from
    //                  the first's, varint; value
    private void TakeWithStarts(ref GoReader reader, byte kind)
    {
        long series = 0, firstTime = 0, firstStart = 0, start = 0;
        for (var isFirst = true; !reader.AtEnd; isFirst = false)
        {
            series += reader.ReadVarint();
            var at = firstTime + reader.ReadVarint();
            if (isFirst)
            {
                firstTime = at;
                start = firstStart = reader.ReadVarint();
            }
            else
            {
                start = reader.ReadByte() switch { 0 => 0, 1 => start, _ => firstStart + reader.ReadVarint() };
            }

            TakeValue(ref reader, kind, Wanted((ulong)series, at), at, start);
        }
    }

    private static void TakeValue(ref GoReader reader, byte kind, Collected? target, long at, long start)
    {
        if (kind == 11)
        {
            var value = reader.ReadDouble();
            target?.Samples.Add(at, value, start);
        }
        else
        {
            var histogram = ReadHistogram(ref reader, integers: kind == 12, custom: false);
            target?.Samples.Add(at, histogram, start);
        }
    }

    // What lies before the newest block is in it, and may have been deleted there; late samples are not in any block.
    private Collected? Wanted(ulong series, long at) =>
        (_late || at >= inOrderFromMs) && _byReference.TryGetValue(series, out var target) ? target : null;

    private void TakeTombstones(ref GoReader reader)
    {
        while (!reader.AtEnd)
        {
            var reference = reader.ReadU64();
            var first = reader.ReadVarint();
            var last = reader.ReadVarint();
            if (_byReference.TryGetValue(reference, out var series))
            {
                series.Deleted.Add((first, last));
            }
        }
    }

    private void TakeExemplars(ref GoReader reader)
    {
        if (reader.AtEnd)
        {
            return;
        }

        var reference = reader.ReadU64();
        var time = (long)reader.ReadU64();
        while (!reader.AtEnd)
        {
            var series = reference + (ulong)reader.ReadVarint();
            var at = time + reader.ReadVarint();
            var value = reader.ReadDouble();
            var labels = ReadLabels(ref reader);
            if (_byReference.TryGetValue(series, out var target))
            {
                Exemplars.Add((target.Labels, new Exemplar(labels, value, new TimestampMs(at))));
            }
        }
    }

    private void TakeMetadata(ref GoReader reader)
    {
        while (!reader.AtEnd)
        {
            var reference = reader.ReadUvarint();
            var type = reader.ReadByte();
            string unit = "", help = "";
            for (var fields = reader.ReadCount(); fields > 0; fields--)
            {
                var name = Encoding.UTF8.GetString(reader.ReadText());
                var value = Encoding.UTF8.GetString(reader.ReadText());
                unit = name == "UNIT" ? value : unit;
                help = name == "HELP" ? value : help;
            }

            if (_byReference.TryGetValue(reference, out var series))
            {
                Metadata.Add(new MetricMetadata(series.Labels.MetricName, TypeOf(type), help, unit));
            }
        }
    }

    private static MetricType TypeOf(byte type) => type switch
    {
        1 => MetricType.Counter,
        2 => MetricType.Gauge,
        3 => MetricType.Histogram,
        4 => MetricType.GaugeHistogram,
        5 => MetricType.Summary,
        6 => MetricType.Info,
        7 => MetricType.StateSet,
        _ => MetricType.Unknown,
    };

    private static LabelSet ReadLabels(ref GoReader reader)
    {
        var labels = new LabelSetBuilder();
        for (var left = reader.ReadCount(); left > 0; left--)
        {
            var name = reader.ReadText();
            labels.Set(name, reader.ReadText());
        }

        return labels.Build();
    }

    private static NativeHistogram ReadHistogram(ref GoReader reader, bool integers, bool custom)
    {
        var hint = reader.ReadByte() switch { 1 => CounterResetHint.Reset, 2 => CounterResetHint.NotReset, 3 => CounterResetHint.Gauge, _ => CounterResetHint.Unknown };
        var schema = (int)reader.ReadVarint();
        var zeroThreshold = reader.ReadDouble();
        var zeroCount = integers ? reader.ReadUvarint() : reader.ReadDouble();
        var count = integers ? reader.ReadUvarint() : reader.ReadDouble();
        var sum = reader.ReadDouble();
        var positiveSpans = ReadSpans(ref reader);
        var negativeSpans = ReadSpans(ref reader);
        var positive = ReadBuckets(ref reader, integers);
        var negative = ReadBuckets(ref reader, integers);
        double[] bounds = custom || schema == NativeHistogram.CustomBucketsSchema ? ReadDoubles(ref reader) : [];
        return new NativeHistogram
        {
            Schema = schema,
            ZeroThreshold = zeroThreshold,
            ZeroCount = zeroCount,
            Count = count,
            Sum = sum,
            PositiveSpans = positiveSpans,
            NegativeSpans = negativeSpans,
            PositiveBuckets = positive,
            NegativeBuckets = negative,
            CustomBounds = bounds,
            ResetHint = hint,
            HasIntegerCounts = integers,
        };
    }

    private static BucketSpan[] ReadSpans(ref GoReader reader)
    {
        var spans = new BucketSpan[reader.ReadCount()];
        for (var i = 0; i < spans.Length; i++)
        {
            spans[i] = new BucketSpan((int)reader.ReadVarint(), (uint)reader.ReadUvarint());
        }

        return spans;
    }

    private static double[] ReadBuckets(ref GoReader reader, bool integers)
    {
        if (!integers)
        {
            return ReadDoubles(ref reader);
        }

        var buckets = new double[reader.ReadCount()];
        long sum = 0;
        for (var i = 0; i < buckets.Length; i++)
        {
            sum += reader.ReadVarint();
            buckets[i] = sum;
        }

        return buckets;
    }

    private static double[] ReadDoubles(ref GoReader reader)
    {
        var values = new double[reader.ReadCount()];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = reader.ReadDouble();
        }

        return values;
    }

    // Full chunks of the head are mapped; a checkpoint may have dropped their samples from the log.
    private void ReadHeadChunks(IFileSystem files, string directory)
    {
        foreach (var entry in files.List(directory))
        {
            var path = Path.Combine(directory, entry.Name);
            using var map = files.Map(path);
            if (map.Length < 8)
            {
                continue;
            }

            var reader = new GoReader(map.Slice(0, checked((int)map.Length)));
            if (reader.ReadU32() != HeadChunksMagic)
            {
                Problems.Add($"{path}: it does not begin as a file of head chunks");
                continue;
            }

            reader.Position = 8;
            ReadHeadChunks(ref reader);
        }
    }

    private void ReadHeadChunks(ref GoReader reader)
    {
        using var samples = new SampleColumns();
        while (reader.Remaining > 29)
        {
            var reference = reader.ReadU64();
            if (reference == 0)
            {
                return;
            }

            reader.ReadU64();
            reader.ReadU64();
            var encoding = reader.ReadByte();
            var data = reader.ReadText();
            reader.ReadU32();
            if (!_byReference.TryGetValue(reference, out var series))
            {
                continue;
            }

            samples.Clear();
            ChunkDecoder.Decode((byte)(encoding & 0x7f), data, samples);
            series.Take(samples, (encoding & 0x80) != 0 ? long.MinValue : inOrderFromMs);
        }
    }

    /// <summary>One series of a head with all that was found of it, in no order.</summary>
    internal sealed class Collected(LabelSet labels)
    {
        public LabelSet Labels => labels;

        public SampleColumns Samples { get; } = new();

        public List<(long FirstMs, long LastMs)> Deleted { get; } = [];

        public void Take(SampleColumns samples, long fromMs)
        {
            for (var i = 0; i < samples.Count; i++)
            {
                if (samples.TimestampsMs[i] < fromMs)
                {
                    continue;
                }

                var start = samples.StartTimestampsMs.IsEmpty ? 0 : samples.StartTimestampsMs[i];
                if (samples.HasHistograms && samples.Histograms[i] is { } histogram)
                {
                    Samples.Add(samples.TimestampsMs[i], histogram, start);
                }
                else
                {
                    Samples.Add(samples.TimestampsMs[i], samples.Values[i], start);
                }
            }
        }
    }
}
