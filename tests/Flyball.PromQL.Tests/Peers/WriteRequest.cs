using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Wire;

namespace Flyball.PromQL.Tests.Peers;

/// <summary>Makes the body of a remote write request, version 1. Prometheus documentation, "Querying" on.</summary>
internal static class WriteRequest
{
    /// <summary>One request with one sample of each of some series.</summary>
    public static byte[] Encode(IEnumerable<(LabelSet Labels, long AtMs, double Value, NativeHistogram? Histogram)> samples)
    {
        var message = new WireWriter();
        foreach (var (labels, at, value, histogram) in samples)
        {
            var series = message.Begin(1);
            foreach (var (name, text) in labels.AsPairs())
            {
                var label = message.Begin(1);
                message.Text(1, name);
                message.Text(2, text);
                message.End(label);
            }

            if (histogram is null)
            {
                var sample = message.Begin(2);
                message.DoubleAlways(1, value);
                message.Varint(2, (ulong)at);
                message.End(sample);
            }
            else
            {
                WriteHistogram(message, at, histogram);
            }

            message.End(series);
        }

        return Snappy(message.Written);
    }

    private static void WriteHistogram(WireWriter message, long at, NativeHistogram histogram)
    {
        var begun = message.Begin(4);
        message.DoubleAlways(2, histogram.Count);
        message.DoubleAlways(3, histogram.Sum);
        message.Varint(4, ZigZag(histogram.Schema));
        message.DoubleAlways(5, histogram.ZeroThreshold);
        message.DoubleAlways(7, histogram.ZeroCount);
        WriteSide(message, 8, 10, histogram.NegativeSpans, histogram.NegativeBuckets);
        WriteSide(message, 11, 13, histogram.PositiveSpans, histogram.PositiveBuckets);
        message.Varint(14, (ulong)histogram.ResetHint);
        message.Varint(15, (ulong)at);
        WriteDoubles(message, 16, histogram.CustomBounds);
        message.End(begun);
    }

    private static void WriteSide(WireWriter message, int spanField, int countField, BucketSpan[] spans, double[] counts)
    {
        foreach (var span in spans)
        {
            var begun = message.Begin(spanField);
            message.Varint(1, ZigZag(span.Offset));
            message.Varint(2, span.Length);
            message.End(begun);
        }

        WriteDoubles(message, countField, counts);
    }

    private static void WriteDoubles(WireWriter message, int field, double[] values)
    {
        var bytes = new byte[values.Length * sizeof(double)];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        message.Bytes(field, bytes);
    }

    private static ulong ZigZag(int value) => (uint)((value << 1) ^ (value >> 31));

    /// <summary>A Snappy block that copies nothing: length, then literals of at most 65536 bytes.</summary>
    private static byte[] Snappy(ReadOnlySpan<byte> body)
    {
        var block = new List<byte>(body.Length + 64);
        for (var rest = (uint)body.Length; ; rest >>= 7)
        {
            block.Add((byte)(rest >= 0x80 ? rest | 0x80 : rest));
            if (rest < 0x80)
            {
                break;
            }
        }

        for (; !body.IsEmpty; body = body[Math.Min(body.Length, 65536)..])
        {
            var length = Math.Min(body.Length, 65536) - 1;
            block.AddRange([61 << 2, (byte)length, (byte)(length >> 8)]);
            block.AddRange(body[..(length + 1)]);
        }

        return [.. block];
    }
}
