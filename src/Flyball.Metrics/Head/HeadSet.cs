using Flyball.Model.Time;

namespace Flyball.Metrics.Head;

/// <summary>The heads that take samples now, by the stretch of time each covers.</summary>
/// <remarks>Used under the store's gate.</remarks>
internal sealed class HeadSet(long spanMs)
{
    private HeadPart[] _heads = [];

    /// <summary>Heads in order of time; the array is replaced, never changed.</summary>
    public HeadPart[] All => _heads;

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

    public void Add(HeadPart head) => _heads = [.. _heads.Append(head).OrderBy(h => h.StartMs).ThenBy(h => h.Number)];

    public void Remove(HeadPart head) => _heads = [.. _heads.Where(h => h != head)];

    public void Saw(long timestampMs) => NewestMs = Math.Max(NewestMs, timestampMs);
}
