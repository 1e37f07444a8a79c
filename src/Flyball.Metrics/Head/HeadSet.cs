using Flyball.Model.Time;

namespace Flyball.Metrics.Head;

/// <summary>The heads that take samples now, by the stretch of time each covers.</summary>
/// <remarks>Used under the store's gate.</remarks>
internal sealed class HeadSet(long spanMs)
{
    private readonly List<HeadPart> _retired = [];
    private HeadPart[] _heads = [];

    /// <summary>Heads in order of time; the array is replaced, never changed.</summary>
    public HeadPart[] All => _heads;

    /// <summary>Heads that wait for their block.</summary>
    public IReadOnlyList<HeadPart> Retired => _retired;

    /// <summary>Every head a reader must look at.</summary>
    public IReadOnlyList<HeadPart> Readable => [.. _retired, .. _heads];

    /// <summary>Counts up whenever a head comes, goes, or becomes a block.</summary>
    public long Version { get; private set; }

    /// <summary>Newest time any head was ever given, or <see cref="long.MinValue"/>.</summary>
    public long NewestMs { get; private set; } = long.MinValue;

    /// <summary>Number of the next head.</summary>
    public long NextNumber { get; set; } = 1;

    /// <summary>Series of all heads together.</summary>
    public int SeriesCount => _heads.Sum(h => h.Series.Count);

    public HeadPart? Find(long timestampMs)
    {
        for (var i = _heads.Length - 1; i >= 0; i--)
        {
            if (_heads[i].Takes(timestampMs))
            {
                return _heads[i];
            }
        }

        return null;
    }

    public HeadPart FindOrAdd(long timestampMs, TimestampMs now)
    {
        if (Find(timestampMs) is { } found)
        {
            return found;
        }

        var start = timestampMs - (((timestampMs % spanMs) + spanMs) % spanMs);
        var head = new HeadPart(NextNumber++, start, start + spanMs, now);
        Add(head);
        return head;
    }

    public void Add(HeadPart head)
    {
        _heads = [.. _heads.Append(head).OrderBy(h => h.StartMs).ThenBy(h => h.Number)];
        Version++;
    }

    /// <summary>The head takes no more samples; it is readable until <see cref="Drop"/>.</summary>
    public void Retire(HeadPart head)
    {
        _heads = [.. _heads.Where(h => h != head)];
        _retired.Add(head);
        Version++;
    }

    /// <summary>The head's block has taken its place.</summary>
    public void Drop(HeadPart head)
    {
        _retired.Remove(head);
        Version++;
    }

    public void Saw(long timestampMs) => NewestMs = Math.Max(NewestMs, timestampMs);
}
