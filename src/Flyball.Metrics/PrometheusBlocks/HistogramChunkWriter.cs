using Flyball.Model.Histograms;
using Flyball.Model.Samples;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>Writes chunks of native histograms; the mirror of <see cref="HistogramChunk"/>.</summary>
internal static class HistogramChunkWriter
{
    private const double CustomScale = 1000;
    private const double LargestScaled = 33554430;

    /// <summary>Writes as many histograms as one chunk takes.</summary>
    /// <returns>Index behind the last one taken.</returns>
    public static int Write(SampleColumns samples, int from, int most, ChunkBitWriter to)
    {
        var first = samples.Histograms[from]!;
        WriteLayout(first, to);
        var state = new ulong[3 + first.PositiveBuckets.Length + first.NegativeBuckets.Length];
        var deltas = new long[state.Length];
        var chains = new XorState[state.Length];
        long step = 0;
        var at = from;
        do
        {
            var histogram = samples.Histograms[at]!;
            WriteTime(samples, from, at, ref step, to);
            if (first.HasIntegerCounts)
            {
                WriteIntegers(histogram, at - from, state, deltas, ref chains[0], to);
            }
            else
            {
                WriteFloats(histogram, at - from, chains, to);
            }

            at++;
        }
        while (at < samples.Count && at - from < most && samples.Histograms[at] is { } next && GoesOn(samples.Histograms[at - 1]!, next));

        return at;
    }

    // A chunk has one layout, and no reset inside it; a staleness marker, which has no layout, stands alone.
    private static bool GoesOn(NativeHistogram before, NativeHistogram next) =>
        before.HasIntegerCounts == next.HasIntegerCounts
        && before.Schema == next.Schema
        && before.ZeroThreshold == next.ZeroThreshold
        && before.PositiveSpans.AsSpan().SequenceEqual(next.PositiveSpans)
        && before.NegativeSpans.AsSpan().SequenceEqual(next.NegativeSpans)
        && before.CustomBounds.AsSpan().SequenceEqual(next.CustomBounds)
        && !StaleMarker.Is(before.Sum)
        && !StaleMarker.Is(next.Sum)
        && (before.ResetHint == CounterResetHint.Gauge) == (next.ResetHint == CounterResetHint.Gauge)
        && (next.ResetHint == CounterResetHint.Gauge || !WasReset(before, next));

    private static bool WasReset(NativeHistogram before, NativeHistogram next) =>
        next.ResetHint == CounterResetHint.Reset || next.Count < before.Count || next.ZeroCount < before.ZeroCount
        || AnyFell(before.PositiveBuckets, next.PositiveBuckets) || AnyFell(before.NegativeBuckets, next.NegativeBuckets);

    private static bool AnyFell(double[] before, double[] next)
    {
        for (var i = 0; i < before.Length; i++)
        {
            if (next[i] < before[i])
            {
                return true;
            }
        }

        return false;
    }

    private static void WriteLayout(NativeHistogram histogram, ChunkBitWriter to)
    {
        to.Write(
            histogram.ResetHint switch { CounterResetHint.Reset => 0x80, CounterResetHint.NotReset => 0x40, CounterResetHint.Gauge => 0xc0, _ => 0u },
            8);
        WriteZeroThreshold(histogram.ZeroThreshold, to);
        to.WriteVarbit(histogram.Schema);
        WriteSpans(histogram.PositiveSpans, to);
        WriteSpans(histogram.NegativeSpans, to);
        if (histogram.Schema == NativeHistogram.CustomBucketsSchema)
        {
            to.WriteVarbitUnsigned((ulong)histogram.CustomBounds.Length);
            foreach (var bound in histogram.CustomBounds)
            {
                WriteBound(bound, to);
            }
        }
    }

    private static void WriteZeroThreshold(double threshold, ChunkBitWriter to)
    {
        var power = threshold > 0 ? Math.ILogB(threshold) + 1 : 0;
        if (threshold == 0)
        {
            to.Write(0, 8);
        }
        else if (Math.ScaleB(0.5, power) == threshold && power is >= -242 and <= 11)
        {
            to.Write((ulong)(power + 243), 8);
        }
        else
        {
            to.Write(255, 8);
            to.Write(BitConverter.DoubleToUInt64Bits(threshold), 64);
        }
    }

    private static void WriteSpans(BucketSpan[] spans, ChunkBitWriter to)
    {
        to.WriteVarbitUnsigned((ulong)spans.Length);
        foreach (var span in spans)
        {
            to.WriteVarbitUnsigned(span.Length);
            to.WriteVarbit(span.Offset);
        }
    }

    private static void WriteBound(double bound, ChunkBitWriter to)
    {
        var scaled = bound * CustomScale;
        if (scaled >= 0 && scaled <= LargestScaled && scaled == Math.Floor(scaled) && scaled / CustomScale == bound)
        {
            to.WriteVarbitUnsigned((ulong)scaled + 1);
        }
        else
        {
            to.Write(0, 1);
            to.Write(BitConverter.DoubleToUInt64Bits(bound), 64);
        }
    }

    private static void WriteTime(SampleColumns samples, int from, int at, ref long step, ChunkBitWriter to)
    {
        if (at == from)
        {
            to.WriteVarbit(samples.TimestampsMs[at]);
            return;
        }

        var newStep = samples.TimestampsMs[at] - samples.TimestampsMs[at - 1];
        // Signed also for the second sample, whose step before counts as 0.
        to.WriteVarbit(newStep - step);
        step = newStep;
    }

    private static void WriteIntegers(NativeHistogram histogram, int index, ulong[] state, long[] deltas, ref XorState sum, ChunkBitWriter to)
    {
        WriteInteger((long)histogram.Count, index, state, deltas, 0, isUnsigned: true, to);
        WriteInteger((long)histogram.ZeroCount, index, state, deltas, 1, isUnsigned: true, to);
        WriteDouble(histogram.Sum, index, ref sum, to);
        var at = 3;
        foreach (var buckets in new[] { histogram.PositiveBuckets, histogram.NegativeBuckets })
        {
            long before = 0;
            foreach (var bucket in buckets)
            {
                WriteInteger((long)bucket - before, index, state, deltas, at++, isUnsigned: false, to);
                before = (long)bucket;
            }
        }
    }

    private static void WriteInteger(long value, int index, ulong[] state, long[] deltas, int at, bool isUnsigned, ChunkBitWriter to)
    {
        var delta = value - (long)state[at];
        if (index == 0 && isUnsigned)
        {
            to.WriteVarbitUnsigned((ulong)value);
        }
        else
        {
            to.WriteVarbit(index switch { 0 => value, 1 => delta, _ => delta - deltas[at] });
        }

        state[at] = (ulong)value;
        deltas[at] = delta;
    }

    private static void WriteFloats(NativeHistogram histogram, int index, XorState[] chains, ChunkBitWriter to)
    {
        WriteDouble(histogram.Count, index, ref chains[0], to);
        WriteDouble(histogram.ZeroCount, index, ref chains[1], to);
        WriteDouble(histogram.Sum, index, ref chains[2], to);
        var at = 3;
        foreach (var buckets in new[] { histogram.PositiveBuckets, histogram.NegativeBuckets })
        {
            foreach (var bucket in buckets)
            {
                WriteDouble(bucket, index, ref chains[at++], to);
            }
        }
    }

    private static void WriteDouble(double value, int index, ref XorState chain, ChunkBitWriter to)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        if (index == 0)
        {
            to.Write(bits, 64);
            chain.Bits = bits;
        }
        else
        {
            to.WriteXor(bits, ref chain);
        }
    }
}
