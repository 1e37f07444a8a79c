using System.Buffers.Binary;

namespace Flyball.Metrics.Pages;

/// <summary>Appends numbers of changing width to bytes, lowest bit first.</summary>
internal ref struct LowBitSink(ByteWriter to)
{
    private ulong _word;
    private int _used;

    /// <summary>Appends the low bits of a number, which must be zero above them.</summary>
    /// <param name="count">0…64.</param>
    public void Write(ulong value, int count)
    {
        if (count == 0)
        {
            return;
        }

        _word |= value << _used;
        _used += count;
        if (_used < 64)
        {
            return;
        }

        to.WriteU64(_word);
        _used -= 64;
        _word = _used == 0 ? 0 : value >> (count - _used);
    }

    /// <summary>Ends with a whole byte.</summary>
    public void Flush()
    {
        for (; _used > 0; _used -= 8)
        {
            to.WriteByte((byte)_word);
            _word >>= 8;
        }

        _used = 0;
        _word = 0;
    }
}

/// <summary>Reads what <see cref="LowBitSink"/> wrote.</summary>
internal ref struct LowBitSource(ReadOnlySpan<byte> from)
{
    private readonly ReadOnlySpan<byte> _from = from;
    private long _bit;

    public readonly int BytesRead => (int)((_bit + 7) >> 3);

    /// <summary>Takes a number of 0…64 bits.</summary>
    public ulong Read(int count)
    {
        var at = (int)(_bit >> 3);
        if (count <= 57 && at + 8 <= _from.Length)   // eight bytes hold it wherever in the first one it begins
        {
            var word = BinaryPrimitives.ReadUInt64LittleEndian(_from[at..]) >> (int)(_bit & 7);
            _bit += count;
            return word & ((1UL << count) - 1);
        }

        return ReadSlowly(count);
    }

    private ulong ReadSlowly(int count)
    {
        if (_bit + count > (long)_from.Length * 8)
        {
            throw new InvalidDataException("the data ends in the middle of a value");
        }

        ulong value = 0;
        for (var got = 0; got < count;)
        {
            var inByte = (int)(_bit & 7);
            var taken = Math.Min(8 - inByte, count - got);
            value |= (ulong)((_from[(int)(_bit >> 3)] >> inByte) & ((1 << taken) - 1)) << got;
            got += taken;
            _bit += taken;
        }

        return value;
    }
}
