namespace Flyball.Traces.Bytes;

/// <summary>The distinct values of a column while it is encoded, up to a bound.</summary>
internal sealed class DistinctValues(int most)
{
    private readonly Dictionary<ulong, ulong> _indexes = [];
    private ulong _last;
    private ulong _lastIndex;
    private bool _hasLast;

    /// <summary>Notes a value; false when there are too many.</summary>
    public bool TryAdd(ulong value)
    {
        // Neighbours are often equal; the comparison saves most of the look-ups.
        if (_hasLast && value == _last)
        {
            return true;
        }

        (_last, _hasLast) = (value, true);
        _indexes.TryAdd(value, 0);
        return _indexes.Count <= most;
    }

    /// <summary>Numbers the values in rising order and returns them.</summary>
    public ulong[] Sort()
    {
        ulong[] sorted = [.. _indexes.Keys];
        Array.Sort(sorted);
        for (var i = 0; i < sorted.Length; i++)
        {
            _indexes[sorted[i]] = (ulong)i;
        }

        _hasLast = false;
        return sorted;
    }

    /// <summary>The number of a value; only after <see cref="Sort"/>.</summary>
    public ulong IndexOf(ulong value)
    {
        if (!_hasLast || value != _last)
        {
            (_last, _lastIndex, _hasLast) = (value, _indexes[value], true);
        }

        return _lastIndex;
    }
}
