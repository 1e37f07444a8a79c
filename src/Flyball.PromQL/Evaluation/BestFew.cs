namespace Flyball.PromQL.Evaluation;

/// <summary>The k best of the values offered one after the other, by a binary heap whose root is the worst of them.</summary>
/// <remarks>Which of equal values stays follows from the moves of the heap. They are those of Go's <c>container/heap</c>, so that
/// ties fall as in Prometheus: a better value displaces the root, whichever of its equals that is.</remarks>
internal sealed class BestFew(int k, bool largest)
{
    private readonly List<(int Index, double Value)> _heap = new(Math.Min(k, 1024));

    public void Offer(int index, double value)
    {
        if (_heap.Count < k)
        {
            _heap.Add((index, value));
            Up(_heap.Count - 1);
        }
        else if (IsWorse(_heap[0].Value, value) && !double.IsNaN(value))
        {
            _heap[0] = (index, value);
            Down();
        }
    }

    /// <summary>Indexes of the values kept, best first; forgets them.</summary>
    public List<int> Take()
    {
        var order = _heap.Order(Comparer<(int Index, double Value)>.Create((a, b) =>
            IsWorse(b.Value, a.Value) ? -1 : IsWorse(a.Value, b.Value) ? 1 : 0)).Select(e => e.Index).ToList();
        _heap.Clear();
        return order;
    }

    /// <summary>NaN is worse than any number, and not worse than NaN.</summary>
    private bool IsWorse(double a, double b)
    {
        if (double.IsNaN(a))
        {
            return !double.IsNaN(b);
        }

        return largest ? a < b : a > b;
    }

    /// <summary>The order inside the heap: there NaN comes before everything, itself too.</summary>
    private bool Less(int i, int j)
    {
        var (a, b) = (_heap[i].Value, _heap[j].Value);
        return double.IsNaN(a) || (largest ? a < b : a > b);
    }

    private void Up(int at)
    {
        while (at > 0)
        {
            var parent = (at - 1) / 2;
            if (!Less(at, parent))
            {
                return;
            }

            (_heap[at], _heap[parent]) = (_heap[parent], _heap[at]);
            at = parent;
        }
    }

    private void Down()
    {
        for (var at = 0; ;)
        {
            var child = (2 * at) + 1;
            if (child >= _heap.Count)
            {
                return;
            }

            if (child + 1 < _heap.Count && Less(child + 1, child))
            {
                child++;
            }

            if (!Less(child, at))
            {
                return;
            }

            (_heap[at], _heap[child]) = (_heap[child], _heap[at]);
            at = child;
        }
    }
}
