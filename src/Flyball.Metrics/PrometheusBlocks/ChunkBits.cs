namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>Reads a Prometheus chunk bit by bit, highest first. Encodings: Prometheus documentation, "TSDB format".</summary>
internal ref struct ChunkBits(ReadOnlySpan<byte> bytes)
{
    private static readonly int[] VarbitWidths = [0, 3, 6, 9, 12, 18, 25, 56, 64];

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _bit;

    public bool ReadBit()
    {
        var at = _bit >> 3;
        if (at >= _bytes.Length)
        {
            throw new InvalidDataException("a chunk ends in the middle of a sample");
        }

        var bit = (_bytes[at] >> (7 - (_bit & 7))) & 1;
        _bit++;
        return bit != 0;
    }

    public ulong Read(int count)
    {
        if (_bit + count > _bytes.Length * 8)
        {
            throw new InvalidDataException("a chunk ends in the middle of a sample");
        }

        ulong value = 0;
        while (count > 0)
        {
            var here = Math.Min(count, 8 - (_bit & 7));
            var bits = (_bytes[_bit >> 3] >> (8 - (_bit & 7) - here)) & ((1 << here) - 1);
            value = (value << here) | (uint)bits;
            _bit += here;
            count -= here;
        }

        return value;
    }

    /// <summary>A number of a width whose largest value stands for the range's upper end, not for -1.</summary>
    public long ReadSigned(int width)
    {
        var value = Read(width);
        return width < 64 && value > 1UL << (width - 1) ? (long)value - (1L << width) : (long)value;
    }

    public long ReadVarbit()
    {
        var width = VarbitWidths[ReadPrefix(8)];
        return width == 0 ? 0 : ReadSigned(width);
    }

    public ulong ReadVarbitUnsigned()
    {
        var width = VarbitWidths[ReadPrefix(8)];
        return width == 0 ? 0 : Read(width);
    }

    /// <summary>Number of ones up to a zero, at most so many.</summary>
    public int ReadPrefix(int most)
    {
        var ones = 0;
        while (ones < most && ReadBit())
        {
            ones++;
        }

        return ones;
    }

    /// <summary>A byte-wise uvarint inside the bit stream.</summary>
    public ulong ReadUvarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Read(8);
            value |= (next & 0x7f) << shift;
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

    /// <summary>The next double of a xor chain.</summary>
    public double ReadXor(ref XorState state)
    {
        if (ReadBit())
        {
            ReadChangedBits(ref state, ownWindow: ReadBit());
        }

        return state.Value;
    }

    /// <summary>The bits in which a double differs from the one before.</summary>
    /// <param name="ownWindow">Whether where they lie stands before them; else they lie where the last ones lay.</param>
    public void ReadChangedBits(ref XorState state, bool ownWindow)
    {
        if (ownWindow)
        {
            state.Leading = (int)Read(5);
            state.Length = (int)Read(6) is var length && length == 0 ? 64 : length;
        }

        var trailing = 64 - state.Leading - state.Length;
        if (trailing < 0)
        {
            throw new InvalidDataException("a window of changed bits is wider than a number");
        }

        state.Bits ^= Read(state.Length) << trailing;
    }

    /// <summary>A number of so many bits, the highest its sign.</summary>
    public long ReadTwosComplement(int width) => (long)(Read(width) << (64 - width)) >> (64 - width);
}

/// <summary>Where a xor chain stands.</summary>
internal struct XorState
{
    public ulong Bits;
    public int Leading;
    public int Length;

    public readonly double Value => BitConverter.UInt64BitsToDouble(Bits);
}
