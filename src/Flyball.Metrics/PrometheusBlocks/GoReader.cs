using System.Buffers.Binary;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>Reads numbers and strings as Prometheus' files hold them: big-endian, varints as in Go's encoding/binary.</summary>
/// <remarks>Running past the end is <see cref="InvalidDataException"/>.</remarks>
internal ref struct GoReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; set; }

    public readonly bool AtEnd => Position >= _bytes.Length;

    public readonly int Remaining => _bytes.Length - Position;

    public ReadOnlySpan<byte> Read(int count)
    {
        if ((uint)count > (uint)Remaining)
        {
            throw new InvalidDataException($"{count} bytes are wanted at byte {Position}, {Remaining} are left");
        }

        var read = _bytes.Slice(Position, count);
        Position += count;
        return read;
    }

    public byte ReadByte() => Read(1)[0];

    public ushort ReadU16() => BinaryPrimitives.ReadUInt16BigEndian(Read(2));

    public uint ReadU32() => BinaryPrimitives.ReadUInt32BigEndian(Read(4));

    public ulong ReadU64() => BinaryPrimitives.ReadUInt64BigEndian(Read(8));

    public double ReadDouble() => BitConverter.UInt64BitsToDouble(ReadU64());

    public ulong ReadUvarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
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

    public long ReadVarint()
    {
        var value = ReadUvarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A count of things that take at least one byte each.</summary>
    public int ReadCount()
    {
        var count = ReadUvarint();
        return count <= (ulong)Remaining ? (int)count : throw new InvalidDataException($"{count} items do not fit in {Remaining} bytes");
    }

    public ReadOnlySpan<byte> ReadText() => Read(ReadCount());
}
