using Flyball.Metrics.PrometheusBlocks;
using Flyball.Model.Samples;
using FsCheck;
using FsCheck.Fluent;

namespace Flyball.Metrics.Tests.PrometheusBlocks;

/// <summary>Chunks packed here by the description of the format, since no Prometheus that is installed writes them.</summary>
public sealed class Xor2ChunkTests
{
    [Fact]
    public void Whatever_is_packed_comes_back() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500),
        Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyArray<(short Step, byte Kind, double Value, short Start)>>(), ArbMap.Default.ArbFor<bool>(), (samples, starts) =>
        {
            var wanted = new List<(long Time, double Value, long Start)>();
            long time = 1_700_000_000_000;
            double last = 0;
            foreach (var (step, kind, value, start) in samples.Get.Take(200))
            {
                time += (kind % 3) switch { 0 => 15_000, 1 => 15_000 + (step % 4000), _ => 40_000 + (Math.Abs((long)step) * 9_000) };
                last = (kind % 5) switch { 0 => StaleMarker.Value, 1 or 2 => wanted.Count > 0 && !StaleMarker.Is(wanted[^1].Value) ? wanted[^1].Value : value, _ => value };
                wanted.Add((time, last, starts ? time - 1000 - Math.Abs((long)start / 4 * 4) : 0));
            }

            using var back = new SampleColumns();
            ChunkDecoder.Decode(ChunkDecoder.Xor2, Pack(wanted), back);
            return back.Count == wanted.Count && Enumerable.Range(0, wanted.Count).All(i =>
                back.TimestampsMs[i] == wanted[i].Time
                && BitConverter.DoubleToInt64Bits(back.Values[i]) == BitConverter.DoubleToInt64Bits(wanted[i].Value)
                && (back.StartTimestampsMs.IsEmpty ? 0 : back.StartTimestampsMs[i]) == wanted[i].Start);
        }));

    private static byte[] Pack(List<(long Time, double Value, long Start)> samples)
    {
        var bits = new ChunkBitWriter();
        bits.BeginChunk();
        bits.Write(0, 8);
        var changesFrom = samples.Count > 1 && samples[0].Start != 0 ? 1 : 0;
        long step = 0, distance = 0;
        var state = default(XorState);
        for (var i = 0; i < samples.Count; i++)
        {
            var (time, value, start) = samples[i];
            var raw = BitConverter.DoubleToUInt64Bits(value);
            var before = i == 0 ? 0 : samples[i - 1].Time;
            if (i == 0)
            {
                bits.WriteVarint(time);
                bits.Write(raw, 64);
                state.Bits = StaleMarker.Is(value) ? 0 : raw;
            }
            else if (i == 1)
            {
                step = time - before;
                bits.WriteUvarint((ulong)step);
                WriteValue(bits, raw, ref state);
            }
            else
            {
                var change = time - before - step;
                step += change;
                WriteJoint(bits, change, raw, ref state);
            }

            if (i == 0 && start != 0)
            {
                bits.WriteVarint(time - start);
            }
            else if (i > 0 && changesFrom > 0)
            {
                bits.WriteVarbit(before - start - (i == 1 ? 0 : distance));
                distance = before - start;
            }
        }

        var chunk = bits.Finish().ToArray();
        chunk[0] = (byte)(samples.Count >> 8);
        chunk[1] = (byte)samples.Count;
        chunk[2] = (byte)((samples[0].Start != 0 ? 0x80 : 0) | changesFrom);
        return chunk;
    }

    private static void WriteJoint(ChunkBitWriter bits, long change, ulong raw, ref XorState state)
    {
        var isStale = StaleMarker.Is(BitConverter.UInt64BitsToDouble(raw));
        switch (change)
        {
            case 0 when isStale:
                bits.Write(0b11111, 5);
                return;
            case 0 when raw == state.Bits:
                bits.Write(0, 1);
                return;
            case 0:
                bits.Write(0b10, 2);
                WriteChangedBits(bits, raw, ref state, "0", "1");
                return;
            case >= -4096 and <= 4095:
                bits.Write(0b110, 3);
                bits.Write((ulong)change, 13);
                break;
            case >= -524_288 and <= 524_287:
                bits.Write(0b1110, 4);
                bits.Write((ulong)change, 20);
                break;
            default:
                bits.Write(0b11110, 5);
                bits.Write((ulong)change, 64);
                break;
        }

        WriteValue(bits, raw, ref state);
    }

    private static void WriteValue(ChunkBitWriter bits, ulong raw, ref XorState state)
    {
        if (StaleMarker.Is(BitConverter.UInt64BitsToDouble(raw)))
        {
            bits.Write(0b111, 3);
        }
        else if (raw == state.Bits)
        {
            bits.Write(0, 1);
        }
        else
        {
            WriteChangedBits(bits, raw, ref state, "10", "110");
        }
    }

    private static void WriteChangedBits(ChunkBitWriter bits, ulong raw, ref XorState state, string sameWindow, string ownWindow)
    {
        var changed = raw ^ state.Bits;
        state.Bits = raw;
        var leading = Math.Min(31, System.Numerics.BitOperations.LeadingZeroCount(changed));
        var trailing = System.Numerics.BitOperations.TrailingZeroCount(changed);
        if (state.Length > 0 && leading >= state.Leading && trailing >= 64 - state.Leading - state.Length)
        {
            bits.Write(Convert.ToUInt64(sameWindow, 2), sameWindow.Length);
        }
        else
        {
            state.Leading = leading;
            state.Length = 64 - leading - trailing;
            bits.Write(Convert.ToUInt64(ownWindow, 2), ownWindow.Length);
            bits.Write((ulong)leading, 5);
            bits.Write((ulong)(state.Length & 63), 6);
        }

        bits.Write(changed >> (64 - state.Leading - state.Length), state.Length);
    }
}
