using Flyball.Durable.Log;
using Flyball.Metrics.Checkpoints;
using Flyball.Metrics.Head;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Metrics.Wal;

/// <summary>Builds the heads again from decoded sections, in their order.</summary>
/// <remarks>
/// Series numbers of the log are mapped, not trusted: where damage swallowed the labels of a series, its samples are dropped and
/// counted, and no other series gets them. The label index is left to <paramref name="index"/>: samples do not need it.
/// </remarks>
/// <param name="index">Told which series of a head are new, from a number up to another, exclusive.</param>
internal sealed class ReplayedHeads(HeadSet heads, TimestampMs now, Action<HeadPart, int, int> index)
{
    private readonly Dictionary<long, ReplayedHead> _byNumber = [];

    public long Samples { get; private set; }

    /// <summary>Samples whose series was lost to damage.</summary>
    public long Orphans { get; private set; }

    /// <summary>Takes a head out of a checkpoint: the log goes on where that ends.</summary>
    public void Take(RestoredHead restored)
    {
        heads.Add(restored.Head);
        heads.Saw(restored.Head.NewestMs);
        Samples += restored.Head.SampleCount;
        _byNumber[restored.Head.Number] = new ReplayedHead(restored);
        index(restored.Head, 0, restored.Head.Series.Count);
    }

    public void Apply(ReplaySection section)
    {
        var target = TargetOf(section);
        MapNewSeries(section, target);
        var (starts, histograms) = (section.StartsMs, section.Histograms);
        var series = section.Series;
        var times = section.TimestampsMs;
        var bits = section.Bits;
        var overlaps = target.MayCover(section.Position);
        for (var i = 0; i < series.Length; i++)
        {
            var number = target.SeriesOf(series[i]);
            if (number < 0)
            {
                Orphans++;
                continue;
            }

            Samples++;
            if (overlaps && target.Covers(number, section.Position))
            {
                target.Head.Count(times[i]);
                continue;
            }

            Append(target.Head, number, times[i], bits[i], starts.Length == 0 ? 0 : starts[i], histograms.Length == 0 ? null : histograms[i]);
        }

        heads.Saw(target.Head.NewestMs);
    }

    /// <summary>Ends the replay.</summary>
    public void Finish()
    {
        foreach (var target in _byNumber.Values)
        {
            // Where damage made the log's numbers differ from ours, the next record says all labels again.
            target.Head.LoggedSeries = target.NumbersAgree ? target.LoggedSeries : 0;
        }
    }

    private ReplayedHead TargetOf(ReplaySection section)
    {
        if (!_byNumber.TryGetValue(section.Head, out var target))
        {
            var head = new HeadPart(section.Head, section.StartMs, section.UntilMs, now) { FirstSegment = section.Position.Segment };
            heads.Add(head);
            _byNumber[section.Head] = target = new ReplayedHead(head);
        }

        return target;
    }

    private void MapNewSeries(ReplaySection section, ReplayedHead target)
    {
        var table = target.Head.Series;
        var before = table.Count;
        for (var i = 0; i < section.NewCount; i++)
        {
            var labels = section.LabelsOfNew(i);
            var hash = LabelSet.HashOf(labels);
            var series = table.Find(labels, hash);
            target.Map(section.FirstNew + i, series >= 0 ? series : table.Add(labels, hash));
        }

        target.Stated(section.FirstNew + section.NewCount);

        if (table.Count > before)
        {
            index(target.Head, before, table.Count);
        }
    }

    private static void Append(HeadPart head, int series, long time, ulong bits, long start, NativeHistogram? histogram)
    {
        ref var state = ref head.Series.State(series);
        if (time > state.NewestMs)
        {
            state.NewestMs = time;
            state.NewestBits = bits;
        }

        head.Append(series, time, bits, start, histogram);
    }

    private sealed class ReplayedHead(HeadPart head)
    {
        private readonly LogPosition[] _covered = [];
        private readonly LogPosition _coveredUntil;
        private readonly int _restoredSeries;
        private int[] _map = [];

        public ReplayedHead(RestoredHead restored)
            : this(restored.Head)
        {
            _covered = restored.Covered;
            _coveredUntil = _covered.Length == 0 ? default : _covered.Max();
            _restoredSeries = restored.Head.Series.Count;
            _map = [.. Enumerable.Range(0, _restoredSeries)];
            LoggedSeries = restored.LoggedSeries;
        }

        public HeadPart Head => head;

        /// <summary>Series whose labels the log has stated, if numbers agree.</summary>
        public int LoggedSeries { get; private set; }

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

        public void Stated(int until) => LoggedSeries = Math.Max(LoggedSeries, until);

        /// <summary>Whether a checkpoint may hold samples of a record at a place.</summary>
        public bool MayCover(LogPosition record) => record < _coveredUntil;

        /// <summary>Whether a checkpoint holds what a record at a place says of a series.</summary>
        /// <remarks>A series that began while it was written has a number of its last group, and is not in it.</remarks>
        public bool Covers(int series, LogPosition record) => series < _restoredSeries && record < _covered[series >> CheckpointFormat.GroupBits];

        public int SeriesOf(int logged) => (uint)logged < (uint)_map.Length ? _map[logged] : -1;
    }
}
