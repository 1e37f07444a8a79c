using System.Buffers.Binary;
using System.Numerics;

namespace Flyball.Metrics.Pages;

/// <summary>Doubles that share nothing but their upper bits: each as the difference (xor) to the one before.</summary>
/// <remarks>
/// <code>
/// first value, 64 bits; then per value, highest bit first:
/// 0                      same as before
/// 1 0  bits              the changed bits lie in the window of the last change
/// 1 1  zeros(5) len(6)   a new window: leading zeros (at most 31), its length - 1, then its bits
/// </code>
/// The scheme of the Gorilla paper (VLDB 2015), 4.1.2.
/// </remarks>
internal static class XorColumn
{
    public static void Encode(ReadOnlySpan<ulong> values, ByteWriter to)
    {
        to.WriteU64(values[0]);
        var bits = new BitSink(to);
        var leading = -1;
        var length = 0;
        for (var i = 1; i < values.Length; i++)
        {
            var changed = values[i] ^ values[i - 1];
            if (changed == 0)
            {
                bits.Write(0, 1);
                continue;
            }

            var zerosBefore = Math.Min(31, BitOperations.LeadingZeroCount(changed));
            var zerosBehind = BitOperations.TrailingZeroCount(changed);
            if (leading >= 0 && zerosBefore >= leading && zerosBehind >= 64 - leading - length)
            {
                bits.Write(0b10, 2);
            }
            else
            {
                leading = zerosBefore;
                length = 64 - zerosBefore - zerosBehind;
                bits.Write(0b11, 2);
                bits.Write((ulong)leading, 5);
                bits.Write((ulong)(length - 1), 6);
            }

            bits.Write(changed >> (64 - leading - length), length);
        }

        bits.Flush();
    }

    public static void Decode(ref ByteReader from, scoped Span<ulong> to)
    {
        to[0] = from.ReadU64();
        var bits = new BitSource(from.Rest);
        var leading = 0;
        var length = 0;
        for (var i = 1; i < to.Length; i++)
        {
            if (bits.Read(1) == 0)
            {
                to[i] = to[i - 1];
                continue;
            }

            if (bits.Read(1) == 1)
            {
                leading = (int)bits.Read(5);
                length = (int)bits.Read(6) + 1;
                if (leading + length > 64)
                {
                    throw new InvalidDataException("a window of changed bits is wider than a number");
                }
            }

            to[i] = to[i - 1] ^ (bits.Read(length) << (64 - leading - length));
        }

        from.Skip(bits.BytesRead);
    }

    private ref struct BitSink(ByteWriter to)
    {
        private ulong _word;
        private int _used;

        public void Write(ulong value, int count)
        {
            var free = 64 - _used;
            if (count < free)
            {
                _word |= value << (free - count);
                _used += count;
                return;
            }

            var rest = count - free;
            BinaryPrimitives.WriteUInt64BigEndian(to.Take(8), _word | (value >> rest));
            _word = rest == 0 ? 0 : value << (64 - rest);
            _used = rest;
        }

        public void Flush()
        {
            for (; _used > 0; _used -= 8)
            {
                to.WriteByte((byte)(_word >> 56));
                _word <<= 8;
            }
        }
    }

    private ref struct BitSource(ReadOnlySpan<byte> from)
    {
        private readonly ReadOnlySpan<byte> _from = from;
        private long _bit;

        public readonly int BytesRead => (int)((_bit + 7) >> 3);

        public ulong Read(int count)
        {
            if (_bit + count > (long)_from.Length * 8)
            {
                throw new InvalidDataException("the data ends in the middle of a value");
            }

            var at = (int)(_bit >> 3);
            var inByte = (int)(_bit & 7);
            _bit += count;
            if (count + inByte <= 64 && at + 8 <= _from.Length)
            {
                return (BinaryPrimitives.ReadUInt64BigEndian(_from[at..]) << inByte) >> (64 - count);
            }

            if (at + 9 <= _from.Length)
            {
                // A long value that begins inside a byte reaches into a ninth.
                var word = (BinaryPrimitives.ReadUInt64BigEndian(_from[at..]) << inByte) | ((uint)_from[at + 8] >> (8 - inByte));
                return word >> (64 - count);
            }

            return ReadSlowly(at, inByte, count);
        }

        private readonly ulong ReadSlowly(int at, int inByte, int count)
        {
            ulong value = 0;
            for (var got = 0; got < count; got++)
            {
                value = (value << 1) | (uint)((_from[at + ((inByte + got) >> 3)] >> (7 - ((inByte + got) & 7))) & 1);
            }

            return value;
        }
    }
}
