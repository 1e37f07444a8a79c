using System.Buffers;

namespace Flyball.Traces.Bytes;

/// <summary>Writes and reads a column of 64-bit numbers in whichever form is small; the number of rows is known from elsewhere.</summary>
/// <remarks>
/// <code>
/// form: 1 byte
/// 0 constant    value: uvarint
/// 1 packed      scale: uvarint   <see cref="PackedBlock"/>*                      value = packed · scale
/// 2 delta       first: uvarint   column of zigzag differences (n - 1)
/// 3 dictionary  distinct: uvarint   column of values, rising   column of indexes (n)
/// 4 runs        runs: uvarint   column of values   column of lengths - 1
/// </code>
/// The log uses forms 0, 1 and 4 only, which are found in one pass; segments try them all, because they are read for months.
/// </remarks>
internal static class ColumnCodec
{
    private const byte Constant = 0, Packed = 1, Delta = 2, Dictionary = 3, Runs = 4;
    private const int MostDistinct = 1024;
    private const int Deepest = 4;

    public static void Write(ReadOnlySpan<ulong> values, ByteWriter to, bool thorough, int depth = 0)
    {
        if (values.IsEmpty)
        {
            return;
        }

        var changes = 0;
        for (var i = 1; i < values.Length; i++)
        {
            changes += values[i] != values[i - 1] ? 1 : 0;
        }

        if (changes == 0)
        {
            to.Byte(Constant);
            to.Varint(values[0]);
        }
        else if (changes < values.Length / 8 && depth < Deepest)
        {
            WriteRuns(values, changes + 1, to, thorough, depth);
        }
        else if (!thorough || depth >= Deepest || values.Length < 8)
        {
            WritePacked(values, to);
        }
        else
        {
            WriteSmallest(values, to, depth);
        }
    }

    public static void Read(ref ByteReader from, Span<ulong> values, int depth = 0)
    {
        if (values.IsEmpty)
        {
            return;
        }

        if (depth > Deepest + 1)
        {
            throw new InvalidDataException("columns are nested too deeply");
        }

        switch (from.Byte())
        {
            case Constant:
                values.Fill(from.Varint());
                break;
            case Packed:
                ReadPacked(ref from, values);
                break;
            case Delta:
                ReadDelta(ref from, values, depth);
                break;
            case Dictionary:
                ReadDictionary(ref from, values, depth);
                break;
            case Runs:
                ReadRuns(ref from, values, depth);
                break;
            default:
                throw new InvalidDataException("a column has an unknown form");
        }
    }

    /// <summary>Passes over a column that nobody wants: block headers are read, values are not.</summary>
    public static void Skip(ref ByteReader from, int count, int depth = 0)
    {
        if (count == 0)
        {
            return;
        }

        if (depth > Deepest + 1)
        {
            throw new InvalidDataException("columns are nested too deeply");
        }

        switch (from.Byte())
        {
            case Constant:
                from.Varint();
                break;
            case Packed:
                from.Varint();
                for (var left = count; left > 0; left -= PackedBlock.Size)
                {
                    PackedBlock.Skip(ref from, Math.Min(PackedBlock.Size, left));
                }

                break;
            case Delta:
                from.Varint();
                Skip(ref from, count - 1, depth + 1);
                break;
            case Dictionary:
                Skip(ref from, from.Count(MostDistinct), depth + 1);
                Skip(ref from, count, depth + 1);
                break;
            case Runs:
                var runs = from.Count(count);
                Skip(ref from, runs, depth + 1);
                Skip(ref from, runs, depth + 1);
                break;
            default:
                throw new InvalidDataException("a column has an unknown form");
        }
    }

    private static void WriteSmallest(ReadOnlySpan<ulong> values, ByteWriter to, int depth)
    {
        var start = to.Length;
        WritePacked(values, to);
        var bestLength = to.Length - start;

        var second = to.Length;
        WriteDelta(values, to, depth);
        bestLength = KeepSmaller(to, start, second, bestLength);

        second = to.Length;
        if (TryWriteDictionary(values, to, depth))
        {
            KeepSmaller(to, start, second, bestLength);
        }
    }

    // Two candidates lie one after the other; the smaller one moves to the front.
    private static int KeepSmaller(ByteWriter to, int start, int second, int firstLength)
    {
        var secondLength = to.Length - second;
        if (secondLength >= firstLength)
        {
            to.CutTo(second);
            return firstLength;
        }

        to.MoveDown(second, start, secondLength);
        return secondLength;
    }

    private static void WritePacked(ReadOnlySpan<ulong> values, ByteWriter to)
    {
        var scale = ScaleOf(values);
        to.Byte(Packed);
        to.Varint(scale);
        Span<ulong> scaled = stackalloc ulong[PackedBlock.Size];
        for (var i = 0; i < values.Length; i += PackedBlock.Size)
        {
            var block = values.Slice(i, Math.Min(PackedBlock.Size, values.Length - i));
            if (scale == 1)
            {
                PackedBlock.Write(block, to);
                continue;
            }

            for (var j = 0; j < block.Length; j++)
            {
                scaled[j] = block[j] / scale;
            }

            PackedBlock.Write(scaled[..block.Length], to);
        }
    }

    private static void ReadPacked(ref ByteReader from, Span<ulong> values)
    {
        var scale = from.Varint();
        for (var i = 0; i < values.Length; i += PackedBlock.Size)
        {
            PackedBlock.Read(ref from, values.Slice(i, Math.Min(PackedBlock.Size, values.Length - i)));
        }

        if (scale != 1)
        {
            foreach (ref var value in values)
            {
                value *= scale;
            }
        }
    }

    // Clocks tick in milli- or microseconds more often than in nanoseconds.
    private static ulong ScaleOf(ReadOnlySpan<ulong> values)
    {
        foreach (var scale in (ReadOnlySpan<ulong>)[1_000_000_000, 1_000_000, 1_000, 100])
        {
            var divides = true;
            foreach (var value in values)
            {
                if (value % scale != 0)
                {
                    divides = false;
                    break;
                }
            }

            if (divides)
            {
                return scale;
            }
        }

        return 1;
    }

    private static void WriteDelta(ReadOnlySpan<ulong> values, ByteWriter to, int depth)
    {
        var rented = ArrayPool<ulong>.Shared.Rent(values.Length);
        var deltas = rented.AsSpan(0, values.Length - 1);
        for (var i = 0; i < deltas.Length; i++)
        {
            deltas[i] = ZigZag.Encode((long)(values[i + 1] - values[i]));
        }

        to.Byte(Delta);
        to.Varint(values[0]);
        Write(deltas, to, thorough: false, depth + 1);
        ArrayPool<ulong>.Shared.Return(rented);
    }

    private static void ReadDelta(ref ByteReader from, Span<ulong> values, int depth)
    {
        var value = from.Varint();
        values[0] = value;
        Read(ref from, values[1..], depth + 1);
        for (var i = 1; i < values.Length; i++)
        {
            value += (ulong)ZigZag.Decode(values[i]);
            values[i] = value;
        }
    }

    private static bool TryWriteDictionary(ReadOnlySpan<ulong> values, ByteWriter to, int depth)
    {
        var most = Math.Min(MostDistinct, values.Length / 4);
        var distinct = new DistinctValues(most);
        foreach (var value in values)
        {
            if (!distinct.TryAdd(value))
            {
                return false;
            }
        }

        var sorted = distinct.Sort();
        var rented = ArrayPool<ulong>.Shared.Rent(values.Length);
        var indexes = rented.AsSpan(0, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            indexes[i] = distinct.IndexOf(values[i]);
        }

        to.Byte(Dictionary);
        to.Varint((ulong)sorted.Length);
        WriteDelta(sorted, to, depth + 1);
        WritePacked(indexes, to);
        ArrayPool<ulong>.Shared.Return(rented);
        return true;
    }

    private static void ReadDictionary(ref ByteReader from, Span<ulong> values, int depth)
    {
        var distinct = new ulong[from.Count(MostDistinct)];
        Read(ref from, distinct, depth + 1);
        Read(ref from, values, depth + 1);
        foreach (ref var value in values)
        {
            value = value < (ulong)distinct.Length
                ? distinct[value]
                : throw new InvalidDataException("a column points outside its dictionary");
        }
    }

    private static void WriteRuns(ReadOnlySpan<ulong> values, int count, ByteWriter to, bool thorough, int depth)
    {
        var rentedValues = ArrayPool<ulong>.Shared.Rent(count);
        var rentedLengths = ArrayPool<ulong>.Shared.Rent(count);
        var run = 0;
        rentedValues[0] = values[0];
        rentedLengths[0] = 0;
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] == values[i - 1])
            {
                rentedLengths[run]++;
            }
            else
            {
                run++;
                rentedValues[run] = values[i];
                rentedLengths[run] = 0;
            }
        }

        to.Byte(Runs);
        to.Varint((ulong)count);
        Write(rentedValues.AsSpan(0, count), to, thorough, depth + 1);
        Write(rentedLengths.AsSpan(0, count), to, thorough: false, depth + 1);
        ArrayPool<ulong>.Shared.Return(rentedValues);
        ArrayPool<ulong>.Shared.Return(rentedLengths);
    }

    private static void ReadRuns(ref ByteReader from, Span<ulong> values, int depth)
    {
        var count = from.Count(values.Length);
        var rented = ArrayPool<ulong>.Shared.Rent(Math.Max(1, count * 2));
        var runs = rented.AsSpan(0, count);
        var lengths = rented.AsSpan(count, count);
        Read(ref from, runs, depth + 1);
        Read(ref from, lengths, depth + 1);
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            if (lengths[i] >= (ulong)(values.Length - at))
            {
                throw new InvalidDataException("the runs of a column are longer than the column");
            }

            var length = (int)lengths[i] + 1;
            values.Slice(at, length).Fill(runs[i]);
            at += length;
        }

        ArrayPool<ulong>.Shared.Return(rented);
        if (at != values.Length)
        {
            throw new InvalidDataException("the runs of a column are shorter than the column");
        }
    }
}
