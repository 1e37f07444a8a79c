using Flyball.Model.Samples;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>Decodes XOR2 chunks: one prefix tells of time and value together. Prometheus documentation, "TSDB format".</summary>
/// <remarks>
/// <code>
/// count u16, start header u8, sample 0: varint time, 64 bits; sample 1: uvarint step, value; then
///   0      same step, same value          110   13 bits: change of the step, value      11110   64 bits likewise
///   10     same step, changed bits        1110  20 bits likewise                        11111   same step, staleness marker
/// value:  0 same    10 changed bits in the window before    110 in a window of its own    111 staleness marker
/// changed bits after "10":  0 in the window before    1 in a window of its own
/// </code>
/// A staleness marker leaves the value that the next one is compared with as it was.
/// </remarks>
internal static class Xor2Chunk
{
    public static void Decode(ReadOnlySpan<byte> data, int count, SampleColumns to)
    {
        var bits = new ChunkBits(data[1..]);
        var starts = new StartTimes(data[0]);
        long time = 0, step = 0;
        var value = default(XorState);
        for (var i = 0; i < count; i++)
        {
            var before = time;
            var isStale = false;
            double sample;
            switch (i)
            {
                case 0:
                    time = bits.ReadVarint();
                    sample = BitConverter.UInt64BitsToDouble(bits.Read(64));
                    value.Bits = StaleMarker.Is(sample) ? 0 : BitConverter.DoubleToUInt64Bits(sample);
                    break;
                case 1:
                    step = (long)bits.ReadUvarint();
                    isStale = ReadValue(ref bits, ref value);
                    time += step;
                    sample = value.Value;
                    break;
                default:
                    isStale = ReadJoint(ref bits, ref step, ref value);
                    time += step;
                    sample = value.Value;
                    break;
            }

            to.Add(time, isStale ? StaleMarker.Value : sample, starts.Read(ref bits, i, before, time));
        }
    }

    // Whether the sample is a staleness marker.
    private static bool ReadJoint(ref ChunkBits bits, ref long step, ref XorState value)
    {
        switch (bits.ReadPrefix(5))
        {
            case 0:
                return false;
            case 1:
                bits.ReadChangedBits(ref value, ownWindow: bits.ReadBit());
                return false;
            case 2:
                step += bits.ReadTwosComplement(13);
                return ReadValue(ref bits, ref value);
            case 3:
                step += bits.ReadTwosComplement(20);
                return ReadValue(ref bits, ref value);
            case 4:
                step += (long)bits.Read(64);
                return ReadValue(ref bits, ref value);
            default:
                return true;
        }
    }

    private static bool ReadValue(ref ChunkBits bits, ref XorState value)
    {
        switch (bits.ReadPrefix(3))
        {
            case 0:
                return false;
            case 1:
                bits.ReadChangedBits(ref value, ownWindow: false);
                return false;
            case 2:
                bits.ReadChangedBits(ref value, ownWindow: true);
                return false;
            default:
                return true;
        }
    }
}
