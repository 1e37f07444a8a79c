namespace Flyball.Step.Tail;

/// <summary>The last bytes of a stream, in a ring of fixed size.</summary>
/// <remarks>Written by one thread; read after that thread has ended.</remarks>
internal sealed class TailBuffer(int capacity)
{
    private readonly byte[] _ring = new byte[capacity];
    private int _at;

    /// <summary>Bytes that went by.</summary>
    public long Total { get; private set; }

    /// <summary>Takes a piece of the stream.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Total += bytes.Length;
        if (bytes.Length > capacity)
        {
            bytes = bytes[^capacity..];
        }

        var untilEnd = Math.Min(bytes.Length, capacity - _at);
        bytes[..untilEnd].CopyTo(_ring.AsSpan(_at));
        bytes[untilEnd..].CopyTo(_ring);
        _at = (_at + bytes.Length) % capacity;
    }

    /// <summary>What is left, oldest first.</summary>
    public byte[] ToArray()
    {
        if (Total < capacity)
        {
            return _ring[..(int)Total];
        }

        return [.. _ring.AsSpan(_at), .. _ring.AsSpan(0, _at)];
    }
}
