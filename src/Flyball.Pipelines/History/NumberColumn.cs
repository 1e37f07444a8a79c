using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Flyball.Pipelines.History;

/// <summary>Numbers in the fewest whole bytes, where 0 means "none".</summary>
internal readonly ref struct NumberColumn(ReadOnlySpan<byte> bytes, int width, ulong start, ulong unit)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public ulong this[int index]
    {
        get
        {
            var stored = width switch
            {
                0 => 1UL,
                1 => _bytes[index],
                2 => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[(index * 2)..]),
                4 => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[(index * 4)..]),
                _ => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[(index * 8)..]),
            };
            return stored == 0 ? 0 : start + ((stored - 1) * unit);
        }
    }

    /// <summary>Unpacks the first numbers, as many as there is room for.</summary>
    public void CopyTo(Span<ulong> to)
    {
        switch (width)
        {
            case 0:
                to.Fill(start);
                break;
            case 1:
                Unpack(_bytes, to);
                break;
            case 2:
                Unpack(MemoryMarshal.Cast<byte, ushort>(_bytes), to);
                break;
            case 4:
                Unpack(MemoryMarshal.Cast<byte, uint>(_bytes), to);
                break;
            default:
                Unpack(MemoryMarshal.Cast<byte, ulong>(_bytes), to);
                break;
        }
    }

    private void Unpack<T>(ReadOnlySpan<T> stored, Span<ulong> to)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (var i = 0; i < to.Length; i++)
        {
            var value = ulong.CreateTruncating(stored[i]);
            to[i] = value == 0 ? 0 : start + ((value - 1) * unit);
        }
    }

    /// <summary>Packs numbers.</summary>
    /// <returns>The bytes with what is needed to read them.</returns>
    public static (byte[] Bytes, int Width, ulong Start, ulong Unit) Pack(ReadOnlySpan<ulong> values)
    {
        ulong least = ulong.MaxValue, most = 0;
        var anyNone = false;
        foreach (var value in values)
        {
            anyNone |= value == 0;
            if (value != 0)
            {
                least = Math.Min(least, value);
                most = Math.Max(most, value);
            }
        }

        if (most == 0 || (least == most && !anyNone))
        {
            return ([], 0, most, 1);
        }

        var unit = UnitOf(values, least);
        var greatest = ((most - least) / unit) + 1;
        var width = greatest <= byte.MaxValue ? 1 : greatest <= ushort.MaxValue ? 2 : greatest <= uint.MaxValue ? 4 : 8;
        var bytes = new byte[values.Length * width];
        Span<byte> eight = stackalloc byte[8];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(eight, values[i] == 0 ? 0 : ((values[i] - least) / unit) + 1);
            eight[..width].CopyTo(bytes.AsSpan(i * width));
        }

        return (bytes, width, least, unit);
    }

    // Sources tell whole seconds or milliseconds mostly; times in nanoseconds would cost eight bytes each.
    private static ulong UnitOf(ReadOnlySpan<ulong> values, ulong least)
    {
        ReadOnlySpan<ulong> units = [1_000_000_000, 1_000_000, 1_000];
        foreach (var unit in units)
        {
            var fits = true;
            foreach (var value in values)
            {
                fits &= value == 0 || (value - least) % unit == 0;
            }

            if (fits)
            {
                return unit;
            }
        }

        return 1;
    }
}
