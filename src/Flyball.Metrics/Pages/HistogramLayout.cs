using System.Runtime.InteropServices;
using Flyball.Model.Histograms;

namespace Flyball.Metrics.Pages;

/// <summary>What neighbouring histograms of a series mostly share: everything but the numbers.</summary>
/// <remarks>
/// <code>
/// flags u8   bit 2 integer counts, bit 3 zero bucket, bit 4 custom bounds
/// schema varint, [zero threshold 8 bytes], positive spans, positive buckets uvarint, negative spans, negative buckets uvarint,
/// [bounds: count uvarint, 8 bytes each]
/// spans      count uvarint, each: offset varint, length uvarint
/// </code>
/// </remarks>
internal sealed class HistogramLayout
{
    private const byte IntegerFlag = 4, ZeroFlag = 8, CustomFlag = 16;

    public required int Schema { get; init; }

    public required bool Integers { get; init; }

    public required bool HasZeroBucket { get; init; }

    public required double ZeroThreshold { get; init; }

    public required BucketSpan[] PositiveSpans { get; init; }

    public required int PositiveBuckets { get; init; }

    public required BucketSpan[] NegativeSpans { get; init; }

    public required int NegativeBuckets { get; init; }

    public required double[] CustomBounds { get; init; }

    public static HistogramLayout Of(NativeHistogram histogram) => new()
    {
        Schema = histogram.Schema,
        Integers = histogram.HasIntegerCounts && HistogramBytes.AllIntegers(histogram),
        HasZeroBucket = histogram.ZeroThreshold != 0 || histogram.ZeroCount != 0,
        ZeroThreshold = histogram.ZeroThreshold,
        PositiveSpans = histogram.PositiveSpans,
        PositiveBuckets = histogram.PositiveBuckets.Length,
        NegativeSpans = histogram.NegativeSpans,
        NegativeBuckets = histogram.NegativeBuckets.Length,
        CustomBounds = histogram.CustomBounds,
    };

    /// <summary>Whether another histogram can follow in the same run.</summary>
    public bool Fits(NativeHistogram other) =>
        other.Schema == Schema
        && Same(other.ZeroThreshold, ZeroThreshold)
        && (other.ZeroThreshold != 0 || other.ZeroCount != 0) == HasZeroBucket
        && other.PositiveBuckets.Length == PositiveBuckets
        && other.NegativeBuckets.Length == NegativeBuckets
        && other.PositiveSpans.AsSpan().SequenceEqual(PositiveSpans)
        && other.NegativeSpans.AsSpan().SequenceEqual(NegativeSpans)
        && MemoryMarshal.Cast<double, ulong>(other.CustomBounds).SequenceEqual(MemoryMarshal.Cast<double, ulong>(CustomBounds))
        && (other.HasIntegerCounts && HistogramBytes.AllIntegers(other)) == Integers;

    public void Write(ByteWriter to)
    {
        to.WriteByte((byte)((Integers ? IntegerFlag : 0) | (HasZeroBucket ? ZeroFlag : 0) | (CustomBounds.Length > 0 ? CustomFlag : 0)));
        to.WriteVarint(Schema);
        if (HasZeroBucket)
        {
            to.WriteU64(BitConverter.DoubleToUInt64Bits(ZeroThreshold));
        }

        HistogramBytes.WriteSpans(PositiveSpans, to);
        to.WriteUvarint((ulong)PositiveBuckets);
        HistogramBytes.WriteSpans(NegativeSpans, to);
        to.WriteUvarint((ulong)NegativeBuckets);
        if (CustomBounds.Length > 0)
        {
            HistogramBytes.WriteBounds(CustomBounds, to);
        }
    }

    public static HistogramLayout Read(ref ByteReader from)
    {
        var flags = from.ReadByte();
        return new HistogramLayout
        {
            Integers = (flags & IntegerFlag) != 0,
            HasZeroBucket = (flags & ZeroFlag) != 0,
            Schema = (int)from.ReadVarint(),
            ZeroThreshold = (flags & ZeroFlag) != 0 ? BitConverter.UInt64BitsToDouble(from.ReadU64()) : 0,
            PositiveSpans = HistogramBytes.ReadSpans(ref from),
            PositiveBuckets = from.ReadCount(),
            NegativeSpans = HistogramBytes.ReadSpans(ref from),
            NegativeBuckets = from.ReadCount(),
            CustomBounds = (flags & CustomFlag) != 0 ? HistogramBytes.ReadBounds(ref from) : [],
        };
    }

    private static bool Same(double a, double b) => BitConverter.DoubleToUInt64Bits(a) == BitConverter.DoubleToUInt64Bits(b);
}
