using System.Numerics;

namespace Flyball.Metrics.Pages;

/// <summary>What all differences of a column are multiples of: memory comes in pages, clocks in hundredths, frequencies in thousands.</summary>
/// <remarks><c>unit uvarint, origin varint</c>; not written when the unit is one.</remarks>
internal readonly record struct CommonUnit(long Unit, long Origin)
{
    public static CommonUnit One { get; } = new(1, 0);

    public bool IsOne => Unit == 1;

    /// <summary>The largest unit of some values that are not all equal; with little effort only powers of two are looked for.</summary>
    public static CommonUnit Of(ReadOnlySpan<long> values, bool thorough)
    {
        var origin = values[0];
        ulong unit = 0;
        foreach (var value in values)
        {
            var distance = Distance(value, origin);
            unit = thorough ? GreatestDivisor(unit, distance) : unit | distance;
            if ((thorough && unit == 1) || (unit & 1) != 0 && !thorough)
            {
                return One;
            }
        }

        unit = thorough ? unit : 1UL << BitOperations.TrailingZeroCount(unit);
        return unit is > 1 and < 1UL << 62 ? new CommonUnit((long)unit, origin) : One;
    }

    public static CommonUnit Read(ref ByteReader from)
    {
        var unit = from.ReadUvarint();
        return unit is > 1 and < 1UL << 62
            ? new CommonUnit((long)unit, from.ReadVarint())
            : throw new InvalidDataException($"{unit} is no unit of a column");
    }

    public void Write(ByteWriter to)
    {
        if (!IsOne)
        {
            to.WriteUvarint((ulong)Unit);
            to.WriteVarint(Origin);
        }
    }

    /// <summary>How many units each value lies from the origin.</summary>
    public void Divide(ReadOnlySpan<long> values, Span<ulong> to)
    {
        if (IsOne)
        {
            System.Runtime.InteropServices.MemoryMarshal.Cast<long, ulong>(values).CopyTo(to);
            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            to[i] = (ulong)(unchecked(values[i] - Origin) / Unit);
        }
    }

    /// <summary>The values again.</summary>
    public void Multiply(Span<long> values)
    {
        if (IsOne)
        {
            return;
        }

        var i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            var units = new Vector<long>(Unit);
            var origins = new Vector<long>(Origin);
            for (; i <= values.Length - Vector<long>.Count; i += Vector<long>.Count)
            {
                ((new Vector<long>(values[i..]) * units) + origins).CopyTo(values[i..]);
            }
        }

        for (; i < values.Length; i++)
        {
            values[i] = unchecked((values[i] * Unit) + Origin);
        }
    }

    // A distance of more than 2^63 has wrapped; what divides it says nothing, so it forbids every unit.
    private static ulong Distance(long value, long origin)
    {
        var distance = unchecked(value - origin);
        return value >= origin == distance >= 0 ? (ulong)Math.Abs(Math.Max(distance, -long.MaxValue)) : 1;
    }

    private static ulong GreatestDivisor(ulong a, ulong b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }
}
