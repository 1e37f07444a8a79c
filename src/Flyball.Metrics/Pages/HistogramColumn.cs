using System.Buffers;
using System.Runtime.InteropServices;
using Flyball.Model.Histograms;

namespace Flyball.Metrics.Pages;

/// <summary>A page of native histograms as columns: one for the counts, one for the sums, one for every bucket.</summary>
/// <remarks>
/// <code>
/// reset hints, an integer column; then runs of neighbours with the same layout until all are told, each:
/// length uvarint, layout (HistogramLayout), then columns of so many numbers:
/// counts, [zero counts], sums, positive buckets from the first to the last, negative buckets likewise
/// </code>
/// Sums are columns of doubles; so are the others, but with integer counts they are integer columns.
/// The buckets of a histogram that is scraped every few seconds move like counters: each costs what a counter costs.
/// </remarks>
internal static class HistogramColumn
{
    public static void Encode(ReadOnlySpan<NativeHistogram?> histograms, ByteWriter to)
    {
        var hints = new long[histograms.Length];
        for (var i = 0; i < hints.Length; i++)
        {
            hints[i] = (long)histograms[i]!.ResetHint;
        }

        IntegerColumn.Encode(hints, to, thorough: true);
        for (var from = 0; from < histograms.Length;)
        {
            var layout = HistogramLayout.Of(histograms[from]!);
            var until = from + 1;
            while (until < histograms.Length && layout.Fits(histograms[until]!))
            {
                until++;
            }

            to.WriteUvarint((ulong)(until - from));
            layout.Write(to);
            EncodeRun(histograms[from..until], layout, to);
            from = until;
        }
    }

    /// <summary>Decodes as many histograms as the destination takes.</summary>
    public static void Decode(ref ByteReader from, scoped Span<NativeHistogram> to)
    {
        var hints = new long[to.Length];
        IntegerColumn.Decode(ref from, hints);
        for (var done = 0; done < to.Length;)
        {
            var length = from.ReadCount();
            if (length == 0 || length > to.Length - done)
            {
                throw new InvalidDataException($"a run of {length} histograms does not fit into the {to.Length - done} that are left");
            }

            var layout = HistogramLayout.Read(ref from);
            DecodeRun(ref from, layout, hints.AsSpan(done, length), to.Slice(done, length));
            done += length;
        }
    }

    private static void EncodeRun(ReadOnlySpan<NativeHistogram?> run, HistogramLayout layout, ByteWriter to)
    {
        var rented = ArrayPool<double>.Shared.Rent(run.Length);
        var column = rented.AsSpan(0, run.Length);
        Fill(run, column, h => h.Count);
        EncodeCounts(column, layout, to);
        if (layout.HasZeroBucket)
        {
            Fill(run, column, h => h.ZeroCount);
            EncodeCounts(column, layout, to);
        }

        Fill(run, column, h => h.Sum);
        DoubleColumn.Encode(column, to, thorough: true);
        for (var bucket = 0; bucket < layout.PositiveBuckets; bucket++)
        {
            var at = bucket;
            Fill(run, column, h => h.PositiveBuckets[at]);
            EncodeCounts(column, layout, to);
        }

        for (var bucket = 0; bucket < layout.NegativeBuckets; bucket++)
        {
            var at = bucket;
            Fill(run, column, h => h.NegativeBuckets[at]);
            EncodeCounts(column, layout, to);
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    private static void Fill(ReadOnlySpan<NativeHistogram?> run, Span<double> column, Func<NativeHistogram, double> part)
    {
        for (var i = 0; i < run.Length; i++)
        {
            column[i] = part(run[i]!);
        }
    }

    private static void EncodeCounts(ReadOnlySpan<double> counts, HistogramLayout layout, ByteWriter to)
    {
        if (!layout.Integers)
        {
            DoubleColumn.Encode(counts, to, thorough: true);
            return;
        }

        var rented = ArrayPool<long>.Shared.Rent(counts.Length);
        for (var i = 0; i < counts.Length; i++)
        {
            rented[i] = (long)counts[i];
        }

        IntegerColumn.Encode(rented.AsSpan(0, counts.Length), to, thorough: true);
        ArrayPool<long>.Shared.Return(rented);
    }

    private static void DecodeRun(ref ByteReader from, HistogramLayout layout, scoped ReadOnlySpan<long> hints, scoped Span<NativeHistogram> to)
    {
        double[] counts = new double[to.Length], zeroCounts = new double[to.Length], sums = new double[to.Length];
        DecodeCounts(ref from, layout, counts);
        if (layout.HasZeroBucket)
        {
            DecodeCounts(ref from, layout, zeroCounts);
        }

        DoubleColumn.Decode(ref from, sums);
        var positive = DecodeBuckets(ref from, layout, layout.PositiveBuckets, to.Length);
        var negative = DecodeBuckets(ref from, layout, layout.NegativeBuckets, to.Length);
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = new NativeHistogram
            {
                Schema = layout.Schema,
                Count = counts[i],
                Sum = sums[i],
                ZeroThreshold = layout.ZeroThreshold,
                ZeroCount = zeroCounts[i],
                PositiveSpans = layout.PositiveSpans,
                PositiveBuckets = positive[i],
                NegativeSpans = layout.NegativeSpans,
                NegativeBuckets = negative[i],
                CustomBounds = layout.CustomBounds,
                ResetHint = (CounterResetHint)(hints[i] & 3),
                HasIntegerCounts = layout.Integers,
            };
        }
    }

    private static double[][] DecodeBuckets(ref ByteReader from, HistogramLayout layout, int buckets, int count)
    {
        // A bucket's column takes two bytes at least: a damaged number must not allocate gigabytes before that is noticed.
        if (buckets > from.Remaining / 2)
        {
            throw new InvalidDataException($"{buckets} buckets do not fit into {from.Remaining} bytes");
        }

        var all = new double[count][];
        for (var i = 0; i < count; i++)
        {
            all[i] = buckets == 0 ? [] : new double[buckets];
        }

        var column = ArrayPool<double>.Shared.Rent(count);
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            DecodeCounts(ref from, layout, column.AsSpan(0, count));
            for (var i = 0; i < count; i++)
            {
                all[i][bucket] = column[i];
            }
        }

        ArrayPool<double>.Shared.Return(column);
        return all;
    }

    private static void DecodeCounts(ref ByteReader from, HistogramLayout layout, scoped Span<double> to)
    {
        if (!layout.Integers)
        {
            DoubleColumn.Decode(ref from, to);
            return;
        }

        var integers = MemoryMarshal.Cast<double, long>(to);
        IntegerColumn.Decode(ref from, integers);
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = integers[i];
        }
    }
}
