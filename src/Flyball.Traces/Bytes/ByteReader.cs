using System.Buffers.Binary;

namespace Flyball.Traces.Bytes;

/// <summary>Reads what a <see cref="ByteWriter"/> wrote. Never reads outside; damage is an <see cref="InvalidDataException"/>.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    public readonly int Position => _at;

    public readonly bool AtEnd => _at == _bytes.Length;

    public byte Byte() => Bytes(1)[0];

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_at == _bytes.Length)
            {
                throw CutOff();
            }

            var next = _bytes[_at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a number has more than ten bytes");
    }

    /// <summary>A number that must not exceed a bound, e.g. a count of things that each take space.</summary>
    public int Count(int most)
    {
        var value = Varint();
        return value <= (ulong)most ? (int)value : throw new InvalidDataException($"a count of {value} where at most {most} can be");
    }

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if ((uint)count > (uint)(_bytes.Length - _at))
        {
            throw CutOff();
        }

        var taken = _bytes.Slice(_at, count);
        _at += count;
        return taken;
    }

    private static InvalidDataException CutOff() => new("the data ends too early");
}
