using System.Buffers.Binary;
using Flyball.Model.Samples;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>Cuts the samples of a series into Prometheus chunks, in the encodings every Prometheus since 2.40 reads.</summary>
internal sealed class ChunkEncoder
{
    private const int SamplesPerChunk = 120;

    private readonly ChunkBitWriter _bits = new();

    /// <summary>Encodes the next chunk.</summary>
    /// <param name="from">First sample; moved behind the last one taken.</param>
    /// <returns>The chunk's data, which dies at the next call.</returns>
    public ReadOnlySpan<byte> Next(SampleColumns samples, ref int from, out byte encoding)
    {
        var first = from;
        _bits.BeginChunk();
        if (samples.HasHistograms && samples.Histograms[from] is { } histogram)
        {
            encoding = histogram.HasIntegerCounts ? ChunkDecoder.Histogram : ChunkDecoder.FloatHistogram;
            from = HistogramChunkWriter.Write(samples, from, SamplesPerChunk, _bits);
        }
        else
        {
            encoding = ChunkDecoder.Xor;
            WriteFloats(samples, ref from);
        }

        var data = _bits.Finish();
        var chunk = data.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(chunk, (ushort)(from - first));
        return chunk;
    }

    private void WriteFloats(SampleColumns samples, ref int from)
    {
        var first = from;
        long step = 0;
        var value = default(XorState);
        for (; from < samples.Count && from - first < SamplesPerChunk; from++)
        {
            if (samples.HasHistograms && samples.Histograms[from] is not null)
            {
                return;
            }

            var time = samples.TimestampsMs[from];
            var bits = BitConverter.DoubleToUInt64Bits(samples.Values[from]);
            switch (from - first)
            {
                case 0:
                    _bits.WriteVarint(time);
                    _bits.Write(bits, 64);
                    value.Bits = bits;
                    break;
                case 1:
                    step = time - samples.TimestampsMs[from - 1];
                    _bits.WriteUvarint((ulong)step);
                    _bits.WriteXor(bits, ref value);
                    break;
                default:
                    var newStep = time - samples.TimestampsMs[from - 1];
                    WriteStepChange(newStep - step);
                    step = newStep;
                    _bits.WriteXor(bits, ref value);
                    break;
            }
        }
    }

    private void WriteStepChange(long change)
    {
        if (change == 0)
        {
            _bits.Write(0, 1);
        }
        else if (ChunkBitWriter.Fits(change, 14))
        {
            _bits.Write(0b10, 2);
            _bits.Write((ulong)change, 14);
        }
        else if (ChunkBitWriter.Fits(change, 17))
        {
            _bits.Write(0b110, 3);
            _bits.Write((ulong)change, 17);
        }
        else if (ChunkBitWriter.Fits(change, 20))
        {
            _bits.Write(0b1110, 4);
            _bits.Write((ulong)change, 20);
        }
        else
        {
            _bits.Write(0b1111, 4);
            _bits.Write((ulong)change, 64);
        }
    }
}
