namespace Flyball.PromQL.Functions;

/// <summary>The values of a window in rising order, kept while the window slides.</summary>
/// <remarks>Windows of neighbouring steps share most of their samples: those that leave are taken out and those that enter put in, each by
/// a binary search and one block move, instead of sorting all of them at every step. NaN comes first, as when sorting.</remarks>
internal sealed class SlidingOrder
{
    private double[] _sorted = [];
    private int _from;
    private int _until;

    private int Count => _until - _from;

    /// <summary>The values from one index to another, sorted; may be changed by nobody. Windows must not move backwards.</summary>
    public ReadOnlySpan<double> Of(ReadOnlySpan<double> values, int from, int until)
    {
        var moved = (from - _from) + (until - _until);
        if (from >= _until || moved > (until - from) / 2)
        {
            Sort(values, from, until);
        }
        else
        {
            for (; _from < from; _from++)
            {
                Remove(values[_from]);
            }

            for (; _until < until; _until++)
            {
                Insert(values[_until]);
            }
        }

        return _sorted.AsSpan(0, Count);
    }

    /// <summary>Forgets everything, for another series.</summary>
    public void Clear() => (_from, _until) = (0, 0);

    private void Sort(ReadOnlySpan<double> values, int from, int until)
    {
        Ensure(until - from);
        (_from, _until) = (from, until);
        values[from..until].CopyTo(_sorted);
        _sorted.AsSpan(0, Count).Sort();
    }

    private void Remove(double value)
    {
        var at = _sorted.AsSpan(0, Count).BinarySearch(value);
        Array.Copy(_sorted, at + 1, _sorted, at, Count - at - 1);
    }

    private void Insert(double value)
    {
        Ensure(Count + 1);
        var at = _sorted.AsSpan(0, Count).BinarySearch(value);
        at = at < 0 ? ~at : at;
        Array.Copy(_sorted, at, _sorted, at + 1, Count - at);
        _sorted[at] = value;
    }

    private void Ensure(int count)
    {
        if (_sorted.Length < count)
        {
            Array.Resize(ref _sorted, Math.Max(count, _sorted.Length * 2));
        }
    }
}
