using System.Runtime.InteropServices;
using Flyball.Metrics.Pages;
using Flyball.Model.Histograms;
using Flyball.Model.Samples;

namespace Flyball.Metrics.Tests.Pages;

public sealed class HistogramColumnTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Histograms_of_every_kind_come_back(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var histograms = new NativeHistogram[random.Next(1, 80)];
            for (var i = 0; i < histograms.Length; i++)
            {
                histograms[i] = i > 0 && random.Next(0, 8) > 0 ? Next(random, histograms[i - 1]) : Any(random);
            }

            var column = new ByteWriter();
            HistogramColumn.Encode(histograms, column);
            column.WriteByte(0xaa);
            var from = new ByteReader(column.Written);
            var back = new NativeHistogram[histograms.Length];
            HistogramColumn.Decode(ref from, back);
            Assert.Equal(1, from.Remaining);
            for (var i = 0; i < back.Length; i++)
            {
                Assert.Equal(Text(histograms[i]), Text(back[i]));
            }
        }
    }

    [Fact]
    public void A_scraped_histogram_costs_what_its_buckets_would_cost_as_counters()
    {
        var random = new Random(1);
        var histograms = new List<NativeHistogram> { Scraped([0, 0, 0, 0, 0, 0, 0, 0]) };
        for (var i = 1; i < 480; i++)
        {
            histograms.Add(Scraped([.. histograms[^1].PositiveBuckets.Select(b => b + random.Next(0, 4))]));
        }

        var column = new ByteWriter();
        HistogramColumn.Encode(histograms.ToArray(), column);
        var rows = new ByteWriter();
        histograms.ForEach(h => HistogramBytes.Encode(h, rows));
        Assert.True(column.Length * 4 < rows.Length, $"{column.Length} against {rows.Length}");
    }

    [Fact]
    public void Damaged_bytes_are_noticed_or_decode_to_something()
    {
        var random = new Random(5);
        var column = new ByteWriter();
        HistogramColumn.Encode(Enumerable.Range(0, 20).Select(_ => Any(random)).ToArray(), column);
        for (var i = 0; i < column.Length * 8; i++)
        {
            var bytes = column.Written.ToArray();
            bytes[i / 8] ^= (byte)(1 << (i % 8));
            try
            {
                var from = new ByteReader(bytes);
                HistogramColumn.Decode(ref from, new NativeHistogram[20]);
            }
            catch (Exception e) when (e is InvalidDataException or OverflowException)
            {
                // What a checksum would have told before.
            }
        }
    }

    private static NativeHistogram Scraped(double[] buckets) => new()
    {
        Schema = 3,
        Count = buckets.Sum(),
        Sum = buckets.Select((b, i) => b * i).Sum() / 8,
        PositiveSpans = [new BucketSpan(-3, (uint)buckets.Length)],
        PositiveBuckets = buckets,
        ResetHint = CounterResetHint.NotReset,
        HasIntegerCounts = true,
    };

    private static NativeHistogram Any(Random random)
    {
        var custom = random.Next(0, 4) == 0;
        var integers = random.Next(0, 3) > 0;
        double Number() => integers ? random.Next(0, 1000) : random.NextDouble() * 100;
        var positive = Enumerable.Range(0, random.Next(0, 9)).Select(_ => Number()).ToArray();
        var negative = custom ? [] : Enumerable.Range(0, random.Next(0, 5)).Select(_ => Number()).ToArray();
        return new NativeHistogram
        {
            Schema = custom ? NativeHistogram.CustomBucketsSchema : random.Next(-4, 9),
            Count = Number(),
            Sum = random.Next(0, 9) switch { 0 => StaleMarker.Value, 1 => double.NaN, 2 => -0.0, _ => random.NextDouble() * 1e6 },
            ZeroThreshold = custom || random.Next(0, 2) == 0 ? 0 : 1e-128,
            ZeroCount = custom || random.Next(0, 2) == 0 ? 0 : Number(),
            PositiveSpans = positive.Length == 0 ? [] : [new BucketSpan(random.Next(-9, 9), (uint)positive.Length)],
            PositiveBuckets = positive,
            NegativeSpans = negative.Length == 0 ? [] : [new BucketSpan(random.Next(-9, 9), 1), new BucketSpan(3, (uint)negative.Length - 1)],
            NegativeBuckets = negative,
            CustomBounds = custom ? [-1.5, 0, 2.25, double.MaxValue] : [],
            ResetHint = (CounterResetHint)random.Next(0, 4),
            HasIntegerCounts = integers,
        };
    }

    private static NativeHistogram Next(Random random, NativeHistogram before) => new()
    {
        Schema = before.Schema,
        Count = before.Count + 1,
        Sum = before.Sum + random.NextDouble(),
        ZeroThreshold = before.ZeroThreshold,
        ZeroCount = before.ZeroCount,
        PositiveSpans = before.PositiveSpans,
        PositiveBuckets = [.. before.PositiveBuckets.Select(b => b + random.Next(0, 3))],
        NegativeSpans = before.NegativeSpans,
        NegativeBuckets = before.NegativeBuckets,
        CustomBounds = before.CustomBounds,
        ResetHint = CounterResetHint.NotReset,
        HasIntegerCounts = before.HasIntegerCounts,
    };

    private static string Text(NativeHistogram h)
    {
        static string Bits(double[] values) => string.Join(',', MemoryMarshal.Cast<double, ulong>(values).ToArray());
        return $"{h.Schema} {Bits([h.Count, h.Sum, h.ZeroThreshold, h.ZeroCount])} {string.Join(',', h.PositiveSpans)} {Bits(h.PositiveBuckets)} "
            + $"{string.Join(',', h.NegativeSpans)} {Bits(h.NegativeBuckets)} {Bits(h.CustomBounds)} {h.ResetHint} {h.HasIntegerCounts}";
    }
}
