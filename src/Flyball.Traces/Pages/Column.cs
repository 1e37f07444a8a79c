namespace Flyball.Traces.Pages;

/// <summary>A growing array that hands out its content as a span.</summary>
internal sealed class Column<T>
    where T : unmanaged
{
    private T[] _items;

    public Column(int capacity = 0) => _items = capacity == 0 ? [] : new T[capacity];

    public int Count { get; private set; }

    public ReadOnlySpan<T> Items => _items.AsSpan(0, Count);

    public ref T this[int index] => ref _items[index];

    public void Add(T item)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(16, Count * 2));
        }

        _items[Count++] = item;
    }

    public void AddRange(ReadOnlySpan<T> items) => items.CopyTo(Take(items.Length));

    /// <summary>Makes room for a number of items, counted as there, of undefined content.</summary>
    public Span<T> Take(int count)
    {
        if (_items.Length - Count < count)
        {
            Array.Resize(ref _items, Math.Max(_items.Length * 2, Count + count));
        }

        var room = _items.AsSpan(Count, count);
        Count += count;
        return room;
    }

    public void Clear() => Count = 0;
}
