using System.Text;

namespace Flyball.Actions.Executors;

/// <summary>Keeps the last bytes of an output, however long it is.</summary>
/// <remarks>One writer at a time.</remarks>
internal sealed class OutputTail(int capacity)
{
    private readonly byte[] _ring = new byte[capacity];
    private long _written;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        var kept = bytes.Length > capacity ? bytes[^capacity..] : bytes;
        _written += bytes.Length - kept.Length;
        foreach (var b in kept)
        {
            _ring[_written++ % capacity] = b;
        }
    }

    /// <summary>The tail as text; bytes that are no UTF-8 show as U+FFFD. Begins with "…" when something is missing.</summary>
    public override string ToString()
    {
        if (_written <= capacity)
        {
            return Encoding.UTF8.GetString(_ring, 0, (int)_written);
        }

        var start = (int)(_written % capacity);
        byte[] tail = [.. _ring.AsSpan(start), .. _ring.AsSpan(0, start)];
        return "…" + Encoding.UTF8.GetString(tail).TrimStart('\uFFFD');
    }
}
