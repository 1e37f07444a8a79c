namespace Flyball.Traces.Segments;

/// <summary>Keeps the string blocks used lately, of all segments, within a budget of bytes. Thread-safe.</summary>
internal sealed class StringBlockCache(long budget)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(Segment, int), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private long _held;

    public StringBlock Get(Segment segment, int block)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue((segment, block), out var node))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                return node.Value.Block;
            }
        }

        // Two threads may load the same block at once: that costs one decompression, a lock around it would cost everybody.
        var loaded = segment.LoadStrings(block);
        lock (_gate)
        {
            if (_entries.TryAdd((segment, block), null!))
            {
                _entries[(segment, block)] = _byUse.AddFirst(new Entry((segment, block), loaded));
                _held += loaded.Size;
                Evict();
            }
        }

        return loaded;
    }

    /// <summary>Forgets the blocks of a segment that is going away.</summary>
    public void Forget(Segment segment)
    {
        lock (_gate)
        {
            for (var node = _byUse.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.Key.Segment == segment)
                {
                    Remove(node);
                }

                node = next;
            }
        }
    }

    private void Evict()
    {
        while (_held > budget && _byUse.Last is { } last && last != _byUse.First)
        {
            Remove(last);
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _byUse.Remove(node);
        _entries.Remove(node.Value.Key);
        _held -= node.Value.Block.Size;
    }

    private readonly record struct Entry((Segment Segment, int Block) Key, StringBlock Block);
}
