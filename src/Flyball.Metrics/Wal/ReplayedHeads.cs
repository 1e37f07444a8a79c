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

    public void Apply(ReplaySection section)
    {
        var target = TargetOf(section);
        MapNewSeries(section, target);
        var (starts, histograms) = (section.StartsMs, section.Histograms);
        var series = section.Series;
        var times = section.TimestampsMs;
        var bits = section.Bits;
        for (var i = 0; i < series.Length; i++)
        {
            Append(target, series[i], times[i], bits[i], starts.Length == 0 ? 0 : starts[i], histograms.Length == 0 ? null : histograms[i]);
        }

        heads.Saw(target.Head.NewestMs);
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

    private ReplayedHead TargetOf(ReplaySection section)
    {
        if (!_byNumber.TryGetValue(section.Head, out var target))
        {
            var head = new HeadPart(section.Head, section.StartMs, section.UntilMs, now) { FirstSegment = section.Segment };
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

        if (table.Count > before)
        {
            index(target.Head, before, table.Count);
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
