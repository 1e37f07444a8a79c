using System.Runtime.InteropServices;
using Flyball.Metrics.Exemplars;
using Flyball.Metrics.Head;
using Flyball.Metrics.Metadata;
using Flyball.Metrics.Pages;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Metrics.Wal;

/// <summary>Builds the heads again from the log.</summary>
/// <remarks>
/// Sections of heads that a block was made of already are skipped. Series numbers of the log are mapped, not trusted: where
/// damage swallowed the labels of a series, its samples are dropped and counted, and no other series gets them.
/// </remarks>
internal sealed class HeadReplay(
    HeadSet heads, IReadOnlySet<long> sealedHeads, ExemplarRing exemplars, MetadataTable metadata, TimestampMs now)
{
    private readonly Dictionary<long, ReplayedHead> _byNumber = [];
    private long[] _times = [];

    public long Samples { get; private set; }

    /// <summary>Samples whose series was lost to damage.</summary>
    public long Orphans { get; private set; }

    public void Apply(ReadOnlySpan<byte> record, long segment)
    {
        var from = new ByteReader(record);
        while (!from.AtEnd)
        {
            var kind = from.ReadByte();
            switch (kind)
            {
                case HeadLogFormat.SamplesSection:
                    ApplySamples(ref from, segment);
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

    /// <summary>Ends the replay.</summary>
    public void Finish()
    {
        foreach (var target in _byNumber.Values)
        {
            // Where damage made the log's numbers differ from ours, the next record says all labels again.
            target.Head.LoggedSeries = target.NumbersAgree ? target.Head.Series.Count : 0;
        }
    }

    private void ApplySamples(ref ByteReader from, long segment)
    {
        var number = (long)from.ReadUvarint();
        var start = from.ReadVarint();
        var length = (long)from.ReadUvarint();
        heads.NextNumber = Math.Max(heads.NextNumber, number + 1);
        var target = sealedHeads.Contains(number) ? null : TargetOf(number, start, start + length, segment);
        ReadNewSeries(ref from, target);

        var count = from.ReadCount();
        var flags = from.ReadByte();
        var series = ReadSeries(ref from, count, (flags & HeadLogFormat.Consecutive) != 0);
        var times = ReadTimes(ref from, count, start, (flags & HeadLogFormat.OneTime) != 0);
        var bits = MemoryMarshal.Cast<byte, ulong>(from.Read(count * 8));
        var starts = (flags & HeadLogFormat.StartsFollow) != 0 ? ReadStarts(ref from, count) : [];
        var histograms = (flags & HeadLogFormat.HistogramsFollow) != 0 ? ReadHistograms(ref from, count) : [];
        if (target is null)
        {
            return;
        }

        for (var i = 0; i < count; i++)
        {
            Append(target, series[i], times[i], bits[i], starts.Length == 0 ? 0 : starts[i], histograms.Length == 0 ? null : histograms[i]);
        }

        heads.Saw(target.Head.NewestMs);
    }

    private ReplayedHead TargetOf(long number, long start, long until, long segment)
    {
        if (!_byNumber.TryGetValue(number, out var target))
        {
            var head = new HeadPart(number, start, until, now) { FirstSegment = segment };
            heads.Add(head);
            _byNumber[number] = target = new ReplayedHead(head);
        }

        return target;
    }

    private static void ReadNewSeries(ref ByteReader from, ReplayedHead? target)
    {
        var first = from.ReadCount();
        var count = from.ReadCount();
        for (var i = 0; i < count; i++)
        {
            var labels = from.ReadText();
            if (target is not null)
            {
                var hash = LabelSet.HashOf(labels);
                var series = target.Head.Series.Find(labels, hash);
                target.Map(first + i, series >= 0 ? series : target.Head.AddSeries(labels, hash));
            }
        }
    }

    private void Append(ReplayedHead target, int logged, long time, ulong bits, long start, NativeHistogram? histogram)
    {
        var series = target.SeriesOf(logged);
        if (series < 0)
        {
            Orphans++;
            return;
        }

        ref var state = ref target.Head.Series.State(series);
        if (time > state.NewestMs)
        {
            state.NewestMs = time;
            state.NewestBits = bits;
        }

        target.Head.Append(series, time, bits, start, histogram);
        Samples++;
    }

    private int[] _series = [];

    private ReadOnlySpan<int> ReadSeries(ref ByteReader from, int count, bool consecutive)
    {
        EnsureRoom(ref _series, count);
        var series = (long)from.ReadUvarint();
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
            {
                series += consecutive ? 1 : from.ReadVarint();
            }

            _series[i] = (int)series;
        }

        return _series.AsSpan(0, count);
    }

    private ReadOnlySpan<long> ReadTimes(ref ByteReader from, int count, long headStart, bool oneTime)
    {
        EnsureRoom(ref _times, count);
        var time = headStart + from.ReadVarint();
        for (var i = 0; i < count; i++)
        {
            if (i > 0 && !oneTime)
            {
                time += from.ReadVarint();
            }

            _times[i] = time;
        }

        return _times.AsSpan(0, count);
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

    private static void EnsureRoom<T>(ref T[] column, int count)
    {
        if (column.Length < count)
        {
            column = new T[Math.Max(count, column.Length * 2)];
        }
    }

    private sealed class ReplayedHead(HeadPart head)
    {
        private int[] _map = [];

        public HeadPart Head => head;

        public bool NumbersAgree { get; private set; } = true;

        public void Map(int logged, int series)
        {
            if (logged >= _map.Length)
            {
                var old = _map.Length;
                Array.Resize(ref _map, Math.Max(logged + 1, Math.Max(1024, old * 2)));
                Array.Fill(_map, -1, old, _map.Length - old);
            }

            _map[logged] = series;
            NumbersAgree &= logged == series;
        }

        public int SeriesOf(int logged) => (uint)logged < (uint)_map.Length ? _map[logged] : -1;
    }
}
