using Flyball.Metrics.PrometheusBlocks;
using Flyball.Model.Samples;
using FsCheck;
using FsCheck.Fluent;

namespace Flyball.Metrics.Tests.PrometheusBlocks;

/// <summary>Histogram chunks with start timestamps (encodings 5 and 6), packed here by the description of the format, since no
/// Prometheus that is installed writes them.</summary>
public sealed class HistogramStartsTests
{
    private const byte NotReset = 0x40;

    [Theory]
    [InlineData(ChunkDecoder.HistogramWithStarts)]
    [InlineData(ChunkDecoder.FloatHistogramWithStarts)]
    public void Times_starts_and_counts_come_back(byte encoding) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(300),
        Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyArray<(ushort Step, byte Grown, byte StartKind)>>(), ArbMap.Default.ArbFor<bool>(), (steps, starts) =>
        {
            var wanted = Samples([.. steps.Get.Take(127)], starts);
            using var back = new SampleColumns();
            ChunkDecoder.Decode(encoding, Pack(wanted, encoding == ChunkDecoder.HistogramWithStarts), back);
            return back.Count == wanted.Count && Enumerable.Range(0, wanted.Count).All(i =>
                back.TimestampsMs[i] == wanted[i].Time
                && (back.StartTimestampsMs.IsEmpty ? 0 : back.StartTimestampsMs[i]) == wanted[i].Start
                && back.Histograms[i]!.Count == wanted[i].Count
                && back.Histograms[i]!.PositiveBuckets.SequenceEqual([wanted[i].Count]));
        }));

    private static List<(long Time, long Start, long Count)> Samples((ushort Step, byte Grown, byte StartKind)[] steps, bool starts)
    {
        var samples = new List<(long Time, long Start, long Count)>();
        long time = 1_700_000_000_000, start = starts ? time - 60_000 : 0, count = 3;
        foreach (var (step, grown, startKind) in steps)
        {
            samples.Add((time, start, count));
            start = starts && startKind % 4 == 0 ? time - startKind : start;
            time += 1 + step;
            count += grown;
        }

        return samples;
    }

    // One bucket that holds everything, no zero bucket, a sum that stays.
    private static byte[] Pack(List<(long Time, long Start, long Count)> samples, bool integers)
    {
        var bits = new ChunkBitWriter();
        bits.BeginChunk();
        var changesFrom = samples.FindIndex(s => s.Start != samples[0].Start);
        bits.Write((ulong)((samples[0].Start != 0 ? 0x80 : 0) | Math.Max(0, changesFrom)), 8);
        bits.Write(0, 8);
        bits.WriteVarbit(0);
        bits.WriteVarbitUnsigned(1);
        bits.WriteVarbitUnsigned(1);
        bits.WriteVarbit(0);
        bits.WriteVarbitUnsigned(0);
        var columns = new Columns(bits);
        long distance = 0;
        for (var i = 0; i < samples.Count; i++)
        {
            var (time, start, count) = samples[i];
            columns.WriteTime(i, time);
            if (integers)
            {
                columns.WriteIntegers(i, count);
            }
            else
            {
                columns.WriteFloats(i, count);
            }

            if (i == 0 && start != 0)
            {
                bits.WriteVarint(time - start);
            }
            else if (i > 0 && changesFrom > 0 && i >= changesFrom)
            {
                var now = samples[i - 1].Time - start;
                bits.WriteVarbit(i == changesFrom ? now : now - distance);
                distance = now;
            }
        }

        var chunk = bits.Finish().ToArray();
        chunk[0] = (byte)(NotReset | (samples.Count >> 8));
        chunk[1] = (byte)samples.Count;
        return chunk;
    }

    /// <summary>What a histogram chunk keeps from sample to sample.</summary>
    private sealed class Columns(ChunkBitWriter bits)
    {
        private const ulong Sum = 0x4000_0000_0000_0000;
        private readonly XorState[] _floats = new XorState[4];
        private long _time, _step, _count, _delta;

        public void WriteTime(int sample, long time)
        {
            var step = sample == 0 ? 0 : time - _time;
            bits.WriteVarbit(sample == 0 ? time : step - _step);
            (_time, _step) = (time, step);
        }

        public void WriteIntegers(int sample, long count)
        {
            var delta = sample == 0 ? 0 : count - _count;
            if (sample == 0)
            {
                bits.WriteVarbitUnsigned((ulong)count);
                bits.WriteVarbitUnsigned(0);
            }
            else
            {
                bits.WriteVarbit(delta - _delta);
                bits.WriteVarbit(0);
            }

            WriteFloat(sample, 0, Sum);
            bits.WriteVarbit(sample == 0 ? count : delta - _delta);
            (_count, _delta) = (count, delta);
        }

        public void WriteFloats(int sample, long count)
        {
            WriteFloat(sample, 0, BitConverter.DoubleToUInt64Bits(count));
            WriteFloat(sample, 1, 0);
            WriteFloat(sample, 2, Sum);
            WriteFloat(sample, 3, BitConverter.DoubleToUInt64Bits(count));
        }

        private void WriteFloat(int sample, int column, ulong value)
        {
            if (sample == 0)
            {
                bits.Write(value, 64);
                _floats[column].Bits = value;
            }
            else
            {
                bits.WriteXor(value, ref _floats[column]);
            }
        }
    }
}
