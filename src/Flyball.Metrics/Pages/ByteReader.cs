using System.Buffers.Binary;

namespace Flyball.Metrics.Pages;

/// <summary>Reads what <see cref="ByteWriter"/> wrote. Running past the end is damage: <see cref="InvalidDataException"/>.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public readonly bool AtEnd => Position >= _bytes.Length;

    public readonly int Remaining => _bytes.Length - Position;

    public readonly ReadOnlySpan<byte> Rest => _bytes[Position..];

    public byte ReadByte() => Position < _bytes.Length ? _bytes[Position++] : throw Ended();

    public ReadOnlySpan<byte> Read(int count)
    {
        if ((uint)count > (uint)Remaining)
        {
            throw Ended();
        }

        var span = _bytes.Slice(Position, count);
        Position += count;
        return span;
    }

    public void Skip(int count) => Read(count);

    public uint ReadU32() => BinaryPrimitives.ReadUInt32LittleEndian(Read(4));

    public ulong ReadU64() => BinaryPrimitives.ReadUInt64LittleEndian(Read(8));

    public long ReadI64() => BinaryPrimitives.ReadInt64LittleEndian(Read(8));

    public ulong ReadUvarint()
    {
        if (Position < _bytes.Length && _bytes[Position] < 0x80)   // one byte: nearly all of them
        {
            return _bytes[Position++];
        }

        return ReadLongUvarint();
    }

    public long ReadVarint()
    {
        var value = ReadUvarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A uvarint that must be a sensible count or length.</summary>
    public int ReadCount()
    {
        var value = ReadUvarint();
        return value <= int.MaxValue ? (int)value : throw new InvalidDataException($"{value} is no sensible count");
    }

    public ReadOnlySpan<byte> ReadText() => Read(ReadCount());

    private static InvalidDataException Ended() => new("the data ends in the middle of a value");

    private ulong ReadLongUvarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = ReadByte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a number has more than 64 bits");
    }
}
