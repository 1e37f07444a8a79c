using Flyball.Metrics.Blocks;
using Flyball.Metrics.Reading;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.Compaction;

/// <summary>Walks the series of several blocks in label order, the samples of a series put together. One series at a time is in memory.</summary>
internal sealed class MergedWalk
{
    private readonly IReadOnlyList<Block> _blocks;
    private readonly TimeRange _range;
    private readonly List<Cursor> _cursors;
    private byte[] _labels = [];

    /// <summary>Begins before the first series.</summary>
    /// <param name="blocks">Oldest first: of equal times the sample of the earlier block counts.</param>
    /// <param name="range">Samples outside are left out; series without any inside come all the same.</param>
    public MergedWalk(IReadOnlyList<Block> blocks, TimeRange range)
    {
        _blocks = blocks;
        _range = range;
        _cursors = [.. blocks.Select(b => new Cursor(b))];
    }

    /// <summary>Canonical labels of the series it stands on.</summary>
    public ReadOnlySpan<byte> Labels => _labels;

    /// <summary>Calls back with the labels of every series of every block, in no order, some more than once.</summary>
    public void Announce(Action<SeriesWalk> each)
    {
        foreach (var block in _blocks)
        {
            var walk = block.Walk();
            for (var series = 0; series < block.Index.SeriesCount; series++)
            {
                walk.MoveTo(series);
                each(walk);
            }
        }
    }

    /// <summary>Goes on to the next series and replaces the samples by its own.</summary>
    /// <returns>False behind the last one.</returns>
    public bool TryNext(SampleColumns samples)
    {
        samples.Clear();
        if (Least() is not { } least)
        {
            return false;
        }

        _labels = least.Labels.ToArray();
        var disorder = false;
        foreach (var cursor in _cursors)
        {
            if (cursor.IsOpen && cursor.Labels.SequenceEqual(_labels))
            {
                var before = samples.Count;
                cursor.Read(samples, _range);
                disorder |= before > 0 && samples.Count > before && samples.TimestampsMs[before] <= samples.TimestampsMs[before - 1];
                cursor.Next();
            }
        }

        if (disorder)
        {
            SampleOrder.Restore(samples, 0);
        }

        return true;
    }

    private Cursor? Least()
    {
        Cursor? least = null;
        foreach (var cursor in _cursors)
        {
            if (cursor.IsOpen && (least is null || LabelSet.Compare(cursor.Labels, least.Labels) < 0))
            {
                least = cursor;
            }
        }

        return least;
    }

    private sealed class Cursor
    {
        private readonly Block _block;
        private readonly SeriesWalk _walk;
        private readonly KnownTimes _known = new();
        private int _series = -1;

        public Cursor(Block block)
        {
            _block = block;
            _walk = block.Walk();
            Next();
        }

        public bool IsOpen => _series < _block.Index.SeriesCount;

        public ReadOnlySpan<byte> Labels => _walk.Labels;

        public void Next()
        {
            _series++;
            if (IsOpen)
            {
                _walk.MoveTo(_series);
            }
        }

        public void Read(SampleColumns to, TimeRange range)
        {
            foreach (var page in _walk.Pages)
            {
                _block.Read(page, range, to, _known);
            }
        }
    }
}
