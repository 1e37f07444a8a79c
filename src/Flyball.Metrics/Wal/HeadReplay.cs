using System.Runtime.InteropServices;
using Flyball.Durable.Log;
using Flyball.Metrics.Exemplars;
using Flyball.Metrics.Metadata;
using Flyball.Metrics.Pages;
using Flyball.Model.Histograms;

namespace Flyball.Metrics.Wal;

/// <summary>Decodes the records of the log and hands their samples to whoever builds the heads again.</summary>
/// <remarks>Sections of heads that a block was made of already are skipped. Used by the thread that reads the log.</remarks>
internal sealed class HeadReplay(ReplayPipeline to, IReadOnlySet<long> sealedHeads, ExemplarRing exemplars, MetadataTable metadata)
{
    private readonly ReplaySection _skipped = new();

    /// <summary>Highest number of a head that the log knows, 0 = none.</summary>
    public long HighestHead { get; private set; }

    public void Apply(ReadOnlySpan<byte> record, LogPosition position)
    {
        var from = new ByteReader(record);
        while (!from.AtEnd)
        {
            var kind = from.ReadByte();
            switch (kind)
            {
                case HeadLogFormat.SamplesSection:
                    ApplySamples(ref from, position, packed: true);
                    break;
                case HeadLogFormat.PlainSamplesSection:
                    ApplySamples(ref from, position, packed: false);
                    break;
                case HeadLogFormat.MetadataSection:
                    metadata.Apply(HeadLogFormat.ReadMetadata(ref from));
                    break;
                case HeadLogFormat.ExemplarSection:
                    var (series, exemplar) = HeadLogFormat.ReadExemplar(ref from);
                    exemplars.Add(series, exemplar);
                    break;
                default:
                    throw new InvalidDataException($"{kind} is no kind of section");
            }
        }
    }

    private void ApplySamples(ref ByteReader from, LogPosition position, bool packed)
    {
        var number = (long)from.ReadUvarint();
        var start = from.ReadVarint();
        var length = (long)from.ReadUvarint();
        HighestHead = Math.Max(HighestHead, number);
        var isSealed = sealedHeads.Contains(number);
        var section = isSealed ? _skipped : to.Rent();
        section.Begin(number, start, start + length, position);
        ReadNewSeries(ref from, section);

        section.BeginSamples(from.ReadCount());
        var flags = from.ReadByte();
        ReadSeries(ref from, section.Series, (flags & HeadLogFormat.Consecutive) != 0);
        ReadTimes(ref from, section.TimestampsMs, start, (flags & HeadLogFormat.OneTime) != 0);
        ReadValues(ref from, section.Bits, packed);
        section.StartsMs = (flags & HeadLogFormat.StartsFollow) != 0 ? ReadStarts(ref from, section.Count) : [];
        section.Histograms = (flags & HeadLogFormat.HistogramsFollow) != 0 ? ReadHistograms(ref from, section.Count) : [];
        if (!isSealed)
        {
            to.Send(section);
        }
    }

    private static void ReadNewSeries(ref ByteReader from, ReplaySection to)
    {
        to.BeginNew(from.ReadCount());
        for (var count = from.ReadCount(); count > 0; count--)
        {
            to.AddNew(from.ReadText());
        }
    }

    private static void ReadSeries(ref ByteReader from, Span<int> series, bool consecutive)
    {
        var number = (long)from.ReadUvarint();
        for (var i = 0; i < series.Length; i++)
        {
            if (i > 0)
            {
                number += consecutive ? 1 : from.ReadVarint();
            }

            series[i] = (int)number;
        }
    }

    private static void ReadTimes(ref ByteReader from, Span<long> times, long headStart, bool oneTime)
    {
        var time = headStart + from.ReadVarint();
        if (oneTime)
        {
            times.Fill(time);
            return;
        }

        for (var i = 0; i < times.Length; i++)
        {
            if (i > 0)
            {
                time += from.ReadVarint();
            }

            times[i] = time;
        }
    }

    private static void ReadValues(ref ByteReader from, Span<ulong> bits, bool packed)
    {
        if (packed)
        {
            PackedValues.Read(ref from, bits);
        }
        else
        {
            MemoryMarshal.Cast<byte, ulong>(from.Read(bits.Length * 8)).CopyTo(bits);
        }
    }

    private static long[] ReadStarts(ref ByteReader from, int count)
    {
        var starts = new long[count];
        for (var i = 0; i < count; i++)
        {
            starts[i] = from.ReadVarint();
        }

        return starts;
    }

    private static NativeHistogram?[] ReadHistograms(ref ByteReader from, int count)
    {
        var histograms = new NativeHistogram?[count];
        var at = -1;
        for (var left = from.ReadCount(); left > 0; left--)
        {
            at += from.ReadCount() + 1;
            var one = new ByteReader(from.ReadText());
            histograms[at] = HistogramBytes.Decode(ref one);
        }

        return histograms;
    }
}
