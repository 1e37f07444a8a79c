using Flyball.Model.Histograms;
using Flyball.Model.Samples;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>Decodes chunks of native histograms. Layout and samples: Prometheus documentation, "TSDB format".</summary>
internal static class HistogramChunk
{
    private const double CustomScale = 1000;

    /// <summary>Appends the samples of a chunk.</summary>
    /// <param name="flags">The highest two bits tell of the counter reset before the first sample.</param>
    /// <param name="data">From the layout on.</param>
    public static void Decode(byte flags, StartTimes starts, ReadOnlySpan<byte> data, int count, bool integers, SampleColumns to)
    {
        var layout = new Layout(flags, data, out var bits);
        if (integers)
        {
            DecodeIntegers(layout, bits, starts, count, to);
        }
        else
        {
            DecodeFloats(layout, bits, starts, count, to);
        }
    }

    private static void DecodeIntegers(Layout layout, ChunkBits bits, StartTimes starts, int count, SampleColumns to)
    {
        var integers = new long[layout.Buckets + 2];
        var deltas = new long[integers.Length];
        long time = 0, step = 0;
        var sum = default(XorState);
        for (var i = 0; i < count; i++)
        {
            var before = time;
            ReadTime(ref bits, i, ref time, ref step);

            // Count and zero count first, then the sum, then the buckets: a staleness marker has none of them.
            ReadInteger(ref bits, i, integers, deltas, 0, firstIsUnsigned: true);
            ReadInteger(ref bits, i, integers, deltas, 1, firstIsUnsigned: true);
            ReadSum(ref bits, i, ref sum);
            if (StaleMarker.Is(sum.Value))
            {
                to.Add(time, layout.Stale(i, integers: true), starts.Read(ref bits, i, before, time));
                continue;
            }

            for (var bucket = 2; bucket < integers.Length; bucket++)
            {
                ReadInteger(ref bits, i, integers, deltas, bucket, firstIsUnsigned: false);
            }

            var histogram = layout.Histogram(i, integers[0], integers[1], sum.Value, Absolute(integers, 2, layout), hasIntegers: true);
            to.Add(time, histogram, starts.Read(ref bits, i, before, time));
        }
    }

    private static void DecodeFloats(Layout layout, ChunkBits bits, StartTimes starts, int count, SampleColumns to)
    {
        var values = new XorState[layout.Buckets + 3];
        long time = 0, step = 0;
        for (var i = 0; i < count; i++)
        {
            var before = time;
            ReadTime(ref bits, i, ref time, ref step);
            for (var value = 0; value < 3; value++)
            {
                ReadSum(ref bits, i, ref values[value]);
            }

            if (StaleMarker.Is(values[2].Value))
            {
                to.Add(time, layout.Stale(i, integers: false), starts.Read(ref bits, i, before, time));
                continue;
            }

            for (var bucket = 3; bucket < values.Length; bucket++)
            {
                ReadSum(ref bits, i, ref values[bucket]);
            }

            var buckets = new double[layout.Buckets];
            for (var bucket = 0; bucket < buckets.Length; bucket++)
            {
                buckets[bucket] = values[bucket + 3].Value;
            }

            var histogram = layout.Histogram(i, values[0].Value, values[1].Value, values[2].Value, buckets, hasIntegers: false);
            to.Add(time, histogram, starts.Read(ref bits, i, before, time));
        }
    }

    private static void ReadTime(ref ChunkBits bits, int sample, ref long time, ref long step)
    {
        if (sample == 0)
        {
            time = bits.ReadVarbit();
            return;
        }

        step += bits.ReadVarbit();
        time += step;
    }

    private static void ReadInteger(ref ChunkBits bits, int sample, long[] values, long[] deltas, int at, bool firstIsUnsigned)
    {
        if (sample == 0)
        {
            values[at] = firstIsUnsigned ? (long)bits.ReadVarbitUnsigned() : bits.ReadVarbit();
            return;
        }

        deltas[at] = sample == 1 ? bits.ReadVarbit() : deltas[at] + bits.ReadVarbit();
        values[at] += deltas[at];
    }

    private static void ReadSum(ref ChunkBits bits, int sample, ref XorState sum)
    {
        if (sample == 0)
        {
            sum.Bits = bits.Read(64);
        }
        else
        {
            bits.ReadXor(ref sum);
        }
    }

    // Buckets are stored as differences to their neighbour, positive and negative ones each for themselves.
    private static double[] Absolute(long[] values, int from, Layout layout)
    {
        var buckets = new double[layout.Buckets];
        long sum = 0;
        for (var i = 0; i < buckets.Length; i++)
        {
            sum = i == layout.PositiveBuckets ? values[from + i] : sum + values[from + i];
            buckets[i] = sum;
        }

        return buckets;
    }

    private sealed class Layout
    {
        private readonly CounterResetHint _hint;
        private readonly double _zeroThreshold;
        private readonly int _schema;
        private readonly BucketSpan[] _positive;
        private readonly BucketSpan[] _negative;
        private readonly double[] _bounds = [];

        public Layout(byte flags, ReadOnlySpan<byte> data, out ChunkBits bits)
        {
            bits = new ChunkBits(data);
            _hint = (flags >> 6) switch
            {
                2 => CounterResetHint.Reset,
                1 => CounterResetHint.NotReset,
                3 => CounterResetHint.Gauge,
                _ => CounterResetHint.Unknown,
            };
            _zeroThreshold = bits.Read(8) switch
            {
                0 => 0,
                255 => BitConverter.UInt64BitsToDouble(bits.Read(64)),
                var power => Math.ScaleB(0.5, (int)power - 243),
            };
            _schema = (int)bits.ReadVarbit();
            _positive = ReadSpans(ref bits);
            _negative = ReadSpans(ref bits);
            if (_schema == NativeHistogram.CustomBucketsSchema)
            {
                _bounds = ReadBounds(ref bits);
            }

            PositiveBuckets = Count(_positive);
            Buckets = PositiveBuckets + Count(_negative);
        }

        public int Buckets { get; }

        public int PositiveBuckets { get; }

        public NativeHistogram Histogram(int sample, double count, double zeroCount, double sum, double[] buckets, bool hasIntegers) => new()
        {
            Schema = _schema,
            ZeroThreshold = _zeroThreshold,
            Count = count,
            ZeroCount = zeroCount,
            Sum = sum,
            PositiveSpans = _positive,
            PositiveBuckets = buckets[..PositiveBuckets],
            NegativeSpans = _negative,
            NegativeBuckets = buckets[PositiveBuckets..],
            CustomBounds = _bounds,
            ResetHint = HintOf(sample),
            HasIntegerCounts = hasIntegers,
        };

        public NativeHistogram Stale(int sample, bool integers) =>
            new() { Schema = _schema, Count = 0, Sum = StaleMarker.Value, ResetHint = HintOf(sample), HasIntegerCounts = integers };

        // The chunk's flag speaks of its first sample; within a chunk there is no reset.
        private CounterResetHint HintOf(int sample) =>
            _hint == CounterResetHint.Gauge ? _hint : sample == 0 ? _hint : CounterResetHint.NotReset;

        private static int Count(BucketSpan[] spans)
        {
            var count = spans.Sum(s => (long)s.Length);
            return count <= 1 << 20 ? (int)count : throw new InvalidDataException($"{count} buckets are more than a histogram has");
        }

        private static BucketSpan[] ReadSpans(ref ChunkBits bits)
        {
            var count = bits.ReadVarbitUnsigned();
            if (count > 1 << 16)
            {
                throw new InvalidDataException($"{count} spans are more than a histogram has");
            }

            var spans = new BucketSpan[count];
            for (var i = 0; i < spans.Length; i++)
            {
                var length = (uint)bits.ReadVarbitUnsigned();
                spans[i] = new BucketSpan((int)bits.ReadVarbit(), length);
            }

            return spans;
        }

        private static double[] ReadBounds(ref ChunkBits bits)
        {
            var count = bits.ReadVarbitUnsigned();
            if (count > 1 << 16)
            {
                throw new InvalidDataException($"{count} bounds are more than a histogram has");
            }

            var bounds = new double[count];
            for (var i = 0; i < bounds.Length; i++)
            {
                var scaled = bits.ReadVarbitUnsigned();
                bounds[i] = scaled == 0 ? BitConverter.UInt64BitsToDouble(bits.Read(64)) : (scaled - 1) / CustomScale;
            }

            return bounds;
        }
    }
}
