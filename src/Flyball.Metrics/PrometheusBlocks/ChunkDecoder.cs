using Flyball.Model.Samples;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>Decodes Prometheus' chunks: floats and native histograms.</summary>
internal static class ChunkDecoder
{
    public const byte Xor = 1, Histogram = 2, FloatHistogram = 3, Xor2 = 4, HistogramWithStarts = 5, FloatHistogramWithStarts = 6;

    /// <summary>Appends the samples of a chunk.</summary>
    /// <exception cref="InvalidDataException">The encoding is not known, or the data is damaged.</exception>
    public static void Decode(byte encoding, ReadOnlySpan<byte> data, SampleColumns to)
    {
        if (data.Length < (encoding == Xor ? 2 : 3))
        {
            throw new InvalidDataException("a chunk is shorter than its header");
        }

        var count = (data[0] << 8) | data[1];
        switch (encoding)
        {
            case Xor:
                DecodeXor(new ChunkBits(data[2..]), count, to);
                return;
            case Histogram or FloatHistogram:
                // The reset flags have a byte of their own.
                HistogramChunk.Decode(data[2], new StartTimes(0), data[3..], count, encoding == Histogram, to);
                return;
            case Xor2:
                Xor2Chunk.Decode(data[2..], count, to);
                return;
            case HistogramWithStarts or FloatHistogramWithStarts:
                // The reset flags are the highest two bits of the count.
                HistogramChunk.Decode(data[0], new StartTimes(data[2]), data[3..], count & 0x3fff, encoding == HistogramWithStarts, to);
                return;
            default:
                throw new InvalidDataException($"chunk encoding {encoding} is not known; 1 and 4 (XOR), 2, 3, 5 and 6 (histograms) are");
        }
    }

    private static void DecodeXor(ChunkBits bits, int count, SampleColumns to)
    {
        long time = 0, step = 0;
        var value = default(XorState);
        for (var i = 0; i < count; i++)
        {
            switch (i)
            {
                case 0:
                    time = bits.ReadVarint();
                    value.Bits = bits.Read(64);
                    break;
                case 1:
                    step = (long)bits.ReadUvarint();
                    time += step;
                    bits.ReadXor(ref value);
                    break;
                default:
                    step += ReadStepChange(ref bits);
                    time += step;
                    bits.ReadXor(ref value);
                    break;
            }

            to.Add(time, value.Value);
        }
    }

    private static long ReadStepChange(ref ChunkBits bits) => bits.ReadPrefix(4) switch
    {
        0 => 0,
        1 => bits.ReadSigned(14),
        2 => bits.ReadSigned(17),
        3 => bits.ReadSigned(20),
        _ => bits.ReadSigned(64),
    };
}
