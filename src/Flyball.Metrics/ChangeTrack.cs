using Flyball.Metrics.Blocks;

namespace Flyball.Metrics;

/// <summary>Remembers how far back each change of the store reached, in little memory.</summary>
/// <remarks>
/// <code>
/// change      1   2   3   4   5           what is kept: of changes that a later one reaches behind nothing is left,
/// oldest ms  10  40  20  50  60           so both columns rise:   (1, 10) (3, 20) (4, 50) (5, 60)
/// </code>
/// The first entry behind a mark has the oldest time of all changes since. Safe from many threads.
/// </remarks>
internal sealed class ChangeTrack
{
    private const int Most = 1024;

    private readonly Lock _lock = new();
    private readonly List<(long Change, long OldestMs)> _changes = [];
    private long _count;

    public long Mark
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>Notes that samples from some time on may have come or gone.</summary>
    public void Note(long oldestMs)
    {
        lock (_lock)
        {
            _count++;
            var keep = _changes.Count;
            while (keep > 0 && _changes[keep - 1].OldestMs >= oldestMs)
            {
                keep--;
            }

            _changes.RemoveRange(keep, _changes.Count - keep);
            _changes.Add((_count, oldestMs));
            if (_changes.Count > Most)
            {
                JoinPairs();
            }
        }
    }

    /// <summary>Notes that a block is gone.</summary>
    public void Note(Block block) => Note(block.Facts.OldestMs);

    /// <summary>The oldest time of the changes since a mark; <see cref="long.MaxValue"/> if there was none.</summary>
    public long OldestSince(long mark)
    {
        lock (_lock)
        {
            int from = 0, until = _changes.Count;
            while (from < until)
            {
                var middle = (from + until) / 2;
                if (_changes[middle].Change <= mark)
                {
                    from = middle + 1;
                }
                else
                {
                    until = middle;
                }
            }

            return from == _changes.Count ? long.MaxValue : _changes[from].OldestMs;
        }
    }

    // Two changes become one that reaches as far back as the earlier and counts as late as the later: too careful, never wrong.
    private void JoinPairs()
    {
        var kept = 0;
        for (var i = 0; i + 1 < _changes.Count; i += 2)
        {
            _changes[kept++] = (_changes[i + 1].Change, _changes[i].OldestMs);
        }

        if (_changes.Count % 2 == 1)
        {
            _changes[kept++] = _changes[^1];
        }

        _changes.RemoveRange(kept, _changes.Count - kept);
    }
}
