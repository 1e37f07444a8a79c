namespace Flyball.Metrics.Pages;

/// <summary>A short list that begins on the stack and moves to the heap only when it grows long.</summary>
internal ref struct ValueList<T>(Span<T> first)
{
    private Span<T> _items = first;

    public int Count { get; private set; }

    public readonly T this[int index] => _items[index];

    public void Add(T item)
    {
        if (Count == _items.Length)
        {
            var larger = new T[_items.Length * 2];
            _items.CopyTo(larger);
            _items = larger;
        }

        _items[Count++] = item;
    }
}
