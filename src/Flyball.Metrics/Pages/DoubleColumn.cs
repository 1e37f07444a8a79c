using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Flyball.Metrics.Pages;

/// <summary>A column of doubles, bit for bit: as decimal-scaled integers where it can be, as xor chain where it cannot.</summary>
/// <remarks>
/// <code>
/// head u8   bits 0-2  0 decimal, 1 xor, 2 one value repeated
///           bit 3     exceptions follow (decimal only)
///           bits 4-7  decimal places
/// decimal   integer column of value · 10^places; exceptions: count uvarint, each: gap uvarint, 8 bytes
/// xor       xor column
/// repeated  8 bytes
/// </code>
/// Most measured numbers were decimal before they became doubles: 0.25 is 25 with two places. n / 10^p with n below 2^53 is the
/// double nearest to that decimal, so division gives the very bits back (the idea of ALP, SIGMOD 2024). What it does
/// not give back — NaNs with their payload, infinities, -0 — is an exception.
/// </remarks>
internal static class DoubleColumn
{
    private const int Decimal = 0, Xor = 1, Repeated = 2, KindMask = 7, ExceptionsFollow = 8;
    private const int MostPlaces = 15;
    private const double LargestExact = 9007199254740992;

    // A head's page: as many as are looked at one by one anyway, and in most of them all share their places.
    private const int FewValues = 32;

    private static readonly double[] PowersOfTen =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>Appends a column of at least one value.</summary>
    public static void Encode(ReadOnlySpan<double> values, ByteWriter to, bool thorough)
    {
        var bits = MemoryMarshal.Cast<double, ulong>(values);
        if (bits.IndexOfAnyExcept(bits[0]) < 0 && !TryScale(values[0], 0, out _))
        {
            to.WriteByte(Repeated);
            to.WriteU64(bits[0]);
            return;
        }

        var start = to.Length;
        if (!TryEncodeDecimal(values, to, thorough))
        {
            EncodeXor(bits, to);
            return;
        }

        // Decimals with many places can cost more than the xor chain; only a look tells.
        var size = to.Length - start;
        if (size > values.Length * 4)
        {
            var other = new ByteWriter(values.Length * 9);
            EncodeXor(bits, other);
            if (other.Length < size)
            {
                to.Truncate(start);
                to.Write(other.Written);
            }
        }
    }

    /// <summary>Decodes as many values as the destination takes.</summary>
    public static void Decode(ref ByteReader from, scoped Span<double> to)
    {
        var head = from.ReadByte();
        switch (head & KindMask)
        {
            case Decimal:
                DecodeDecimal(ref from, head, to);
                return;
            case Xor:
                XorColumn.Decode(ref from, MemoryMarshal.Cast<double, ulong>(to));
                return;
            case Repeated:
                to.Fill(BitConverter.UInt64BitsToDouble(from.ReadU64()));
                return;
            default:
                throw new InvalidDataException($"{head & KindMask} is no encoding of a column of doubles");
        }
    }

    private static void EncodeXor(ReadOnlySpan<ulong> bits, ByteWriter to)
    {
        to.WriteByte(Xor);
        XorColumn.Encode(bits, to);
    }

    private static bool TryEncodeDecimal(ReadOnlySpan<double> values, ByteWriter to, bool thorough)
    {
        if (values.Length <= FewValues)
        {
            Span<long> few = stackalloc long[FewValues];
            few = few[..values.Length];
            for (var places = 0; places <= MostPlaces; places++)
            {
                if (TryScaleAll(values, places, few))
                {
                    to.WriteByte((byte)(Decimal | (places << 4)));
                    IntegerColumn.Encode(few, to, thorough);
                    return true;
                }
            }
        }

        return TryEncodeWithExceptions(values, to, thorough);
    }

    private static bool TryEncodeWithExceptions(ReadOnlySpan<double> values, ByteWriter to, bool thorough)
    {
        var places = ChoosePlaces(values);
        if (places < 0)
        {
            return false;
        }

        var rented = ArrayPool<long>.Shared.Rent(values.Length);
        var scaled = rented.AsSpan(0, values.Length);
        var exceptions = Scale(values, places, scaled, out var firstGood);
        var fits = exceptions * 4 <= values.Length || (exceptions <= 2 && firstGood >= 0);
        if (fits)
        {
            to.WriteByte((byte)(Decimal | (exceptions > 0 ? ExceptionsFollow : 0) | (places << 4)));
            IntegerColumn.Encode(scaled, to, thorough);
            if (exceptions > 0)
            {
                WriteExceptions(values, places, exceptions, to);
            }
        }

        ArrayPool<long>.Shared.Return(rented);
        return fits;
    }

    // The fewest places that most of a sample of the values agree on; -1 if there are none.
    private static int ChoosePlaces(ReadOnlySpan<double> values)
    {
        const int SampleSize = 32;
        var stride = Math.Max(1, values.Length / SampleSize);
        var best = -1;
        var fewestMisses = int.MaxValue;
        var tried = 0;
        for (var places = 0; places <= MostPlaces && fewestMisses > 0; places++)
        {
            var misses = 0;
            tried = 0;
            for (var i = 0; i < values.Length && misses < fewestMisses; i += stride)
            {
                tried++;
                if (!TryScale(values[i], places, out _))
                {
                    misses++;
                }
            }

            if (misses < fewestMisses)
            {
                fewestMisses = misses;
                best = places;
            }
        }

        return fewestMisses * 3 <= tried || fewestMisses <= 2 ? best : -1;
    }

    private static int Scale(ReadOnlySpan<double> values, int places, Span<long> scaled, out int firstGood)
    {
        var exceptions = 0;
        firstGood = -1;
        long before = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (TryScale(values[i], places, out var exact))
            {
                before = exact;
                if (firstGood < 0)
                {
                    firstGood = i;
                    scaled[..i].Fill(exact);
                }
            }
            else
            {
                exceptions++;
            }

            // An exception repeats its neighbour, which costs least.
            scaled[i] = before;
        }

        return exceptions;
    }

    // Several at a time, up to the first that has more places.
    private static bool TryScaleAll(ReadOnlySpan<double> values, int places, Span<long> scaled)
    {
        var i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            var power = new Vector<double>(PowersOfTen[places]);
            for (; i <= values.Length - Vector<double>.Count; i += Vector<double>.Count)
            {
                var value = new Vector<double>(values[i..]);
                var shifted = Vector.Round(value * power);
                var exact = Vector.ConvertToInt64(shifted);
                if (!Vector.LessThanAll(Vector.Abs(shifted), new Vector<double>(LargestExact))
                    || Vector.AsVectorInt64(Vector.ConvertToDouble(exact) / power) != Vector.AsVectorInt64(value))
                {
                    return false;
                }

                exact.CopyTo(scaled[i..]);
            }
        }

        for (; i < values.Length; i++)
        {
            if (!TryScale(values[i], places, out scaled[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryScale(double value, int places, out long scaled)
    {
        var shifted = Math.Round(value * PowersOfTen[places]);
        if (!(Math.Abs(shifted) < LargestExact))
        {
            scaled = 0;
            return false;
        }

        scaled = (long)shifted;
        return BitConverter.DoubleToUInt64Bits(scaled / PowersOfTen[places]) == BitConverter.DoubleToUInt64Bits(value);
    }

    private static void WriteExceptions(ReadOnlySpan<double> values, int places, int count, ByteWriter to)
    {
        to.WriteUvarint((ulong)count);
        var before = -1;
        for (var i = 0; i < values.Length; i++)
        {
            if (!TryScale(values[i], places, out _))
            {
                to.WriteUvarint((ulong)(i - before - 1));
                to.WriteU64(BitConverter.DoubleToUInt64Bits(values[i]));
                before = i;
            }
        }
    }

    private static void DecodeDecimal(ref ByteReader from, byte head, scoped Span<double> to)
    {
        // The integers are decoded into the very memory that takes the doubles.
        var scaled = MemoryMarshal.Cast<double, long>(to);
        IntegerColumn.Decode(ref from, scaled);
        ToDoubles(scaled, PowersOfTen[head >> 4], to);
        if ((head & ExceptionsFollow) == 0)
        {
            return;
        }

        var at = -1;
        for (var left = from.ReadCount(); left > 0; left--)
        {
            at = checked(at + from.ReadCount() + 1);
            if (at >= to.Length)
            {
                throw new InvalidDataException("an exception lies behind the end of its column");
            }

            to[at] = BitConverter.UInt64BitsToDouble(from.ReadU64());
        }
    }

    private static void ToDoubles(Span<long> scaled, double divisor, Span<double> to)
    {
        var i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            var divisors = new Vector<double>(divisor);
            for (; i <= scaled.Length - Vector<long>.Count; i += Vector<long>.Count)
            {
                var converted = Vector.ConvertToDouble(new Vector<long>(scaled[i..]));
                (divisor == 1 ? converted : converted / divisors).CopyTo(to[i..]);
            }
        }

        for (; i < scaled.Length; i++)
        {
            to[i] = scaled[i] / divisor;
        }
    }
}
