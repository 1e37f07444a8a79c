namespace Flyball.Metrics.PrometheusBlocks.Zstd;

/// <summary>Reads a bit stream that was written forwards and is read from its end. RFC 8878, sections 4.1, 4.2.</summary>
/// <remarks>The last byte's highest set bit is only a mark. Reading before the first bit gives zeros, and <see cref="Left"/> goes below zero:
/// the last states of a stream look further than there is.</remarks>
internal ref struct BackwardBits
{
    private readonly ReadOnlySpan<byte> _bytes;
    private long _left;

    public BackwardBits(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes[^1] == 0)
        {
            throw new InvalidDataException("zstd: a bit stream has no end mark");
        }

        _bytes = bytes;
        _left = (bytes.Length * 8L) - 8 + System.Numerics.BitOperations.Log2(bytes[^1]);
    }

    /// <summary>Bits not read yet; negative when more were read than there are.</summary>
    public readonly long Left => _left;

    /// <summary>Reads up to 32 bits, the first of them the highest.</summary>
    public uint Read(int count)
    {
        _left -= count;
        return Window(_left, count);
    }

    /// <summary>The next bits without reading them.</summary>
    public readonly uint Peek(int count) => Window(_left - count, count);

    /// <summary>Passes over bits.</summary>
    public void Skip(int count) => _left -= count;

    private readonly uint Window(long from, int count)
    {
        ulong value = 0;
        for (var at = from + count - 1; at >= from;)
        {
            if (at < 0)
            {
                value <<= (int)(at - from + 1);
                break;
            }

            // As many bits of this byte as are wanted, from the highest down.
            var take = (int)Math.Min((at & 7) + 1, at - from + 1);
            var bits = (_bytes[(int)(at >> 3)] >> (int)((at & 7) + 1 - take)) & ((1 << take) - 1);
            value = (value << take) | (uint)bits;
            at -= take;
        }

        return (uint)value;
    }
}
