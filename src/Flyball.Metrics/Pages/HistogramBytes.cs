using Flyball.Model.Histograms;

namespace Flyball.Metrics.Pages;

/// <summary>One native histogram as bytes.</summary>
/// <remarks>
/// <code>
/// flags u8   bits 0-1 counter reset hint, bit 2 integer counts, bit 3 has a zero bucket, bit 4 has custom bounds
/// schema varint, count, sum f64, [zero threshold f64, zero count], spans + buckets (positive, then negative),
/// [custom bounds: count uvarint, f64 each]
/// spans      count uvarint, each: offset varint, length uvarint
/// count      with integer counts uvarint, else f64
/// buckets    count uvarint, then with integer counts varint differences, else f64 each
/// </code>
/// </remarks>
internal static class HistogramBytes
{
    private const byte HintMask = 3, Integers = 4, Zero = 8, Custom = 16;
    private const double LargestExact = 9007199254740992;

    public static void Encode(NativeHistogram histogram, ByteWriter to)
    {
        var integers = histogram.HasIntegerCounts && AllIntegers(histogram);
        var zero = histogram.ZeroThreshold != 0 || histogram.ZeroCount != 0;
        to.WriteByte((byte)((int)histogram.ResetHint
            | (integers ? Integers : 0) | (zero ? Zero : 0) | (histogram.CustomBounds.Length > 0 ? Custom : 0)));
        to.WriteVarint(histogram.Schema);
        WriteCount(histogram.Count, integers, to);
        to.WriteU64(BitConverter.DoubleToUInt64Bits(histogram.Sum));
        if (zero)
        {
            to.WriteU64(BitConverter.DoubleToUInt64Bits(histogram.ZeroThreshold));
            WriteCount(histogram.ZeroCount, integers, to);
        }

        WriteBuckets(histogram.PositiveSpans, histogram.PositiveBuckets, integers, to);
        WriteBuckets(histogram.NegativeSpans, histogram.NegativeBuckets, integers, to);
        if (histogram.CustomBounds.Length > 0)
        {
            WriteBounds(histogram.CustomBounds, to);
        }
    }

    public static NativeHistogram Decode(ref ByteReader from)
    {
        var flags = from.ReadByte();
        var integers = (flags & Integers) != 0;
        var schema = (int)from.ReadVarint();
        var count = ReadCount(ref from, integers);
        var sum = BitConverter.UInt64BitsToDouble(from.ReadU64());
        double zeroThreshold = 0, zeroCount = 0;
        if ((flags & Zero) != 0)
        {
            zeroThreshold = BitConverter.UInt64BitsToDouble(from.ReadU64());
            zeroCount = ReadCount(ref from, integers);
        }

        var (positiveSpans, positive) = ReadBuckets(ref from, integers);
        var (negativeSpans, negative) = ReadBuckets(ref from, integers);
        var bounds = (flags & Custom) != 0 ? ReadBounds(ref from) : [];
        return new NativeHistogram
        {
            Schema = schema,
            Count = count,
            Sum = sum,
            ZeroThreshold = zeroThreshold,
            ZeroCount = zeroCount,
            PositiveSpans = positiveSpans,
            PositiveBuckets = positive,
            NegativeSpans = negativeSpans,
            NegativeBuckets = negative,
            CustomBounds = bounds,
            ResetHint = (CounterResetHint)(flags & HintMask),
            HasIntegerCounts = integers,
        };
    }

    internal static void WriteSpans(BucketSpan[] spans, ByteWriter to)
    {
        to.WriteUvarint((ulong)spans.Length);
        foreach (var span in spans)
        {
            to.WriteVarint(span.Offset);
            to.WriteUvarint(span.Length);
        }
    }

    internal static BucketSpan[] ReadSpans(ref ByteReader from)
    {
        var spans = new BucketSpan[Checked(from.ReadCount(), from.Remaining)];
        for (var i = 0; i < spans.Length; i++)
        {
            spans[i] = new BucketSpan((int)from.ReadVarint(), (uint)from.ReadUvarint());
        }

        return spans;
    }

    internal static void WriteBounds(double[] bounds, ByteWriter to)
    {
        to.WriteUvarint((ulong)bounds.Length);
        foreach (var bound in bounds)
        {
            to.WriteU64(BitConverter.DoubleToUInt64Bits(bound));
        }
    }

    internal static double[] ReadBounds(ref ByteReader from) => ReadDoubles(ref from, from.ReadCount());

    internal static bool AllIntegers(NativeHistogram histogram) =>
        IsInteger(histogram.Count) && IsInteger(histogram.ZeroCount)
        && Array.TrueForAll(histogram.PositiveBuckets, IsInteger) && Array.TrueForAll(histogram.NegativeBuckets, IsInteger);

    private static bool IsInteger(double value) => !double.IsNegative(value) && value < LargestExact && Math.Floor(value) == value;

    private static void WriteCount(double value, bool integer, ByteWriter to)
    {
        if (integer)
        {
            to.WriteUvarint((ulong)value);
        }
        else
        {
            to.WriteU64(BitConverter.DoubleToUInt64Bits(value));
        }
    }

    private static double ReadCount(ref ByteReader from, bool integer) =>
        integer ? from.ReadUvarint() : BitConverter.UInt64BitsToDouble(from.ReadU64());

    private static void WriteBuckets(BucketSpan[] spans, double[] buckets, bool integers, ByteWriter to)
    {
        WriteSpans(spans, to);
        to.WriteUvarint((ulong)buckets.Length);
        long before = 0;
        foreach (var bucket in buckets)
        {
            if (integers)
            {
                to.WriteVarint((long)bucket - before);
                before = (long)bucket;
            }
            else
            {
                to.WriteU64(BitConverter.DoubleToUInt64Bits(bucket));
            }
        }
    }

    private static (BucketSpan[] Spans, double[] Buckets) ReadBuckets(ref ByteReader from, bool integers)
    {
        var spans = ReadSpans(ref from);
        var count = Checked(from.ReadCount(), from.Remaining);
        if (!integers)
        {
            return (spans, ReadDoubles(ref from, count));
        }

        var buckets = new double[count];
        long before = 0;
        for (var i = 0; i < count; i++)
        {
            before += from.ReadVarint();
            buckets[i] = before;
        }

        return (spans, buckets);
    }

    private static double[] ReadDoubles(ref ByteReader from, int count)
    {
        var values = new double[Checked(count, from.Remaining / 8)];
        for (var i = 0; i < count; i++)
        {
            values[i] = BitConverter.UInt64BitsToDouble(from.ReadU64());
        }

        return values;
    }

    // A damaged count must not allocate gigabytes before the data is found to be too short.
    private static int Checked(int count, int most) =>
        count <= most ? count : throw new InvalidDataException($"{count} items do not fit in the {most} that are left");
}
