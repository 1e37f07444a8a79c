using System.Buffers.Binary;

namespace Flyball.Traces.Bytes;

/// <summary>A growing buffer that encoders append to. Reused by <see cref="Clear"/>; not thread-safe.</summary>
internal sealed class ByteWriter
{
    private byte[] _buffer = new byte[4096];
    private int _used;

    public int Length => _used;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _used);

    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _used);

    public void Clear() => _used = 0;

    public void Byte(byte value)
    {
        Ensure(1);
        _buffer[_used++] = value;
    }

    public void Varint(ulong value)
    {
        Ensure(10);
        while (value >= 0x80)
        {
            _buffer[_used++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[_used++] = (byte)value;
    }

    public void UInt32(uint value)
    {
        Ensure(4);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_used), value);
        _used += 4;
    }

    public void UInt64(ulong value)
    {
        Ensure(8);
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(_used), value);
        _used += 8;
    }

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>Room for a number of bytes, counted as written; dies at the next call.</summary>
    public Span<byte> Take(int count)
    {
        Ensure(count);
        var room = _buffer.AsSpan(_used, count);
        _used += count;
        return room;
    }

    /// <summary>Forgets what was written behind a length.</summary>
    public void CutTo(int length) => _used = length;

    /// <summary>Moves bytes towards the front and ends behind them.</summary>
    public void MoveDown(int from, int to, int length)
    {
        Buffer.BlockCopy(_buffer, from, _buffer, to, length);
        _used = to + length;
    }

    private void Ensure(int count)
    {
        if (_buffer.Length - _used < count)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _used + count));
        }
    }
}
