using Flyball.Metrics.Pages;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>Writes a Prometheus chunk bit by bit, highest first. The mirror of <see cref="ChunkBits"/>.</summary>
internal sealed class ChunkBitWriter
{
    private static readonly int[] VarbitWidths = [0, 3, 6, 9, 12, 18, 25, 56, 64];

    private readonly ByteWriter _bytes = new();
    private uint _partial;
    private int _used;

    public ReadOnlySpan<byte> Finish()
    {
        if (_used > 0)
        {
            _bytes.WriteByte((byte)(_partial << (8 - _used)));
            _used = 0;
            _partial = 0;
        }

        return _bytes.Written;
    }

    public void Clear()
    {
        _bytes.Clear();
        _used = 0;
        _partial = 0;
    }

    /// <summary>Sets the number of samples in the first two bytes.</summary>
    public void BeginChunk()
    {
        Clear();
        _bytes.WriteByte(0);
        _bytes.WriteByte(0);
    }

    public void Write(ulong value, int count)
    {
        while (count > 0)
        {
            var here = Math.Min(count, 8 - _used);
            var bits = (uint)(value >> (count - here)) & ((1u << here) - 1);
            _partial = (_partial << here) | bits;
            _used += here;
            count -= here;
            if (_used == 8)
            {
                _bytes.WriteByte((byte)_partial);
                _partial = 0;
                _used = 0;
            }
        }
    }

    /// <summary>Whether a number fits a width under the rule of <see cref="ChunkBits.ReadSigned"/>.</summary>
    public static bool Fits(long value, int width) =>
        width == 64 || (-((1L << (width - 1)) - 1) <= value && value <= 1L << (width - 1));

    public void WriteVarbit(long value)
    {
        var kind = value == 0 ? 0 : Array.FindIndex(VarbitWidths, 1, w => Fits(value, w));
        WritePrefix(kind);
        Write((ulong)value, VarbitWidths[kind]);
    }

    public void WriteVarbitUnsigned(ulong value)
    {
        var kind = value == 0 ? 0 : Array.FindIndex(VarbitWidths, 1, w => w == 64 || value >> w == 0);
        WritePrefix(kind);
        Write(value, VarbitWidths[kind]);
    }

    public void WriteUvarint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Write((value & 0x7f) | 0x80, 8);
        }

        Write(value, 8);
    }

    public void WriteVarint(long value) => WriteUvarint((ulong)((value << 1) ^ (value >> 63)));

    public void WriteXor(ulong value, ref XorState state)
    {
        var changed = value ^ state.Bits;
        state.Bits = value;
        if (changed == 0)
        {
            Write(0, 1);
            return;
        }

        var leading = Math.Min(31, System.Numerics.BitOperations.LeadingZeroCount(changed));
        var trailing = System.Numerics.BitOperations.TrailingZeroCount(changed);
        if (state.Length > 0 && leading >= state.Leading && trailing >= 64 - state.Leading - state.Length)
        {
            Write(0b10, 2);
        }
        else
        {
            state.Leading = leading;
            state.Length = 64 - leading - trailing;
            Write(0b11, 2);
            Write((ulong)leading, 5);
            Write((ulong)(state.Length & 63), 6);
        }

        Write(changed >> (64 - state.Leading - state.Length), state.Length);
    }

    // So many ones and a zero; eight ones need none.
    private void WritePrefix(int ones)
    {
        if (ones == 8)
        {
            Write(0xff, 8);
        }
        else
        {
            Write((1UL << (ones + 1)) - 2, ones + 1);
        }
    }
}
