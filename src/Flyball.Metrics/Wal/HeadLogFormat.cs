using Flyball.Metrics.Head;
using Flyball.Metrics.Pages;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.Wal;

/// <summary>The payload of a record in the metrics log: what one batch changed, section after section.</summary>
/// <remarks>
/// docs/formats/head-wal.md. One batch is one record, so after a crash it is there whole or not at all.
/// <code>
/// section    kind u8, then
/// 1 samples  head number uvarint, head start varint, head length uvarint,
///            first new series uvarint, new series uvarint, each: canonical labels as text,
///            samples uvarint, flags u8, series, times, values f64 × n, [starts varint × n],
///            [histograms uvarint, each: gap uvarint, histogram as text]
///            flags: 1 one time for all, 2 starts, 4 histograms, 8 series numbers rise by one
///            series: first uvarint, then differences varint (none under flag 8)
///            times:  first - head start varint, then differences varint (none under flag 1)
/// 4          as 1, but the values packed as PackedValues says; 1 is read, not written any more
/// 2 metadata family text, type u8, help text, unit text
/// 3 exemplar canonical series labels text, own labels text, value f64, time varint
/// </code>
/// text = length uvarint, bytes. Values of histogram samples are a hash of the histogram, for telling repetitions.
/// </remarks>
internal static class HeadLogFormat
{
    public const byte RecordType = 1;
    public const byte PlainSamplesSection = 1, MetadataSection = 2, ExemplarSection = 3, SamplesSection = 4;
    public const byte OneTime = 1, StartsFollow = 2, HistogramsFollow = 4, Consecutive = 8;

    public static void WriteSamples(CommitColumns columns, ByteWriter to)
    {
        var head = columns.Head;
        to.WriteByte(SamplesSection);
        to.WriteUvarint((ulong)head.Number);
        to.WriteVarint(head.StartMs);
        to.WriteUvarint((ulong)(head.UntilMs - head.StartMs));
        WriteNewSeries(head, to);

        var series = columns.Series;
        var times = columns.TimestampsMs;
        var flags = (times.IndexOfAnyExcept(times[0]) < 0 ? OneTime : 0)
            | (columns.HasStarts ? StartsFollow : 0)
            | (columns.HasHistograms ? HistogramsFollow : 0)
            | (RisesByOne(series) ? Consecutive : 0);
        to.WriteUvarint((ulong)columns.Count);
        to.WriteByte((byte)flags);
        WriteSeries(series, (flags & Consecutive) != 0, to);
        WriteTimes(times, head.StartMs, (flags & OneTime) != 0, to);
        PackedValues.Write(columns.Bits, to);
        foreach (var start in columns.StartsMs)
        {
            to.WriteVarint(start);
        }

        if (columns.HasHistograms)
        {
            WriteHistograms(columns, to);
        }
    }

    public static void WriteMetadata(MetricMetadata metadata, ByteWriter to)
    {
        to.WriteByte(MetadataSection);
        to.WriteText(System.Text.Encoding.UTF8.GetBytes(metadata.Family));
        to.WriteByte((byte)metadata.Type);
        to.WriteText(System.Text.Encoding.UTF8.GetBytes(metadata.Help));
        to.WriteText(System.Text.Encoding.UTF8.GetBytes(metadata.Unit));
    }

    public static MetricMetadata ReadMetadata(ref ByteReader from) => new(
        System.Text.Encoding.UTF8.GetString(from.ReadText()),
        (MetricType)from.ReadByte(),
        System.Text.Encoding.UTF8.GetString(from.ReadText()),
        System.Text.Encoding.UTF8.GetString(from.ReadText()));

    public static void WriteExemplar(ReadOnlySpan<byte> seriesLabels, Exemplar exemplar, ByteWriter to)
    {
        to.WriteByte(ExemplarSection);
        to.WriteText(seriesLabels);
        to.WriteText(exemplar.Labels.Encoded);
        to.WriteU64(BitConverter.DoubleToUInt64Bits(exemplar.Value));
        to.WriteVarint(exemplar.Timestamp.Value);
    }

    public static (LabelSet Series, Exemplar Exemplar) ReadExemplar(ref ByteReader from) => (
        LabelSet.FromEncoded(from.ReadText()),
        new Exemplar(LabelSet.FromEncoded(from.ReadText()), BitConverter.UInt64BitsToDouble(from.ReadU64()), new TimestampMs(from.ReadVarint())));

    private static void WriteNewSeries(HeadPart head, ByteWriter to)
    {
        to.WriteUvarint((ulong)head.LoggedSeries);
        to.WriteUvarint((ulong)(head.Series.Count - head.LoggedSeries));
        for (var series = head.LoggedSeries; series < head.Series.Count; series++)
        {
            to.WriteText(head.Series.Labels(series));
        }
    }

    private static bool RisesByOne(ReadOnlySpan<int> series)
    {
        for (var i = 1; i < series.Length; i++)
        {
            if (series[i] != series[i - 1] + 1)
            {
                return false;
            }
        }

        return true;
    }

    private static void WriteSeries(ReadOnlySpan<int> series, bool consecutive, ByteWriter to)
    {
        to.WriteUvarint((ulong)series[0]);
        for (var i = 1; i < series.Length && !consecutive; i++)
        {
            to.WriteVarint((long)series[i] - series[i - 1]);
        }
    }

    private static void WriteTimes(ReadOnlySpan<long> times, long headStart, bool oneTime, ByteWriter to)
    {
        to.WriteVarint(times[0] - headStart);
        for (var i = 1; i < times.Length && !oneTime; i++)
        {
            to.WriteVarint(times[i] - times[i - 1]);
        }
    }

    private static void WriteHistograms(CommitColumns columns, ByteWriter to)
    {
        var histograms = columns.Histograms;
        var count = 0;
        foreach (var histogram in histograms)
        {
            count += histogram is null ? 0 : 1;
        }

        to.WriteUvarint((ulong)count);
        var one = new ByteWriter();
        var before = -1;
        for (var i = 0; i < histograms.Length; i++)
        {
            if (histograms[i] is { } histogram)
            {
                one.Clear();
                HistogramBytes.Encode(histogram, one);
                to.WriteUvarint((ulong)(i - before - 1));
                to.WriteText(one.Written);
                before = i;
            }
        }
    }
}
