using Flyball.Model.Histograms;
using Flyball.Model.Wire;

namespace Flyball.Ingest.Otlp.Metrics;

/// <summary>One side of an exponential histogram: reads OTLP's dense buckets, gives the sparse ones of a native histogram.</summary>
/// <remarks>OTLP bucket i covers (base^i, base^(i+1)]; the native index of the same bucket is i + 1 (OpenTelemetry protocol specification).</remarks>
internal sealed class ExponentialBuckets
{
    private readonly SortedDictionary<int, double> _counts = [];

    /// <summary>Reads a Buckets message; neighbours are merged until the scale has come down by as much as asked.</summary>
    public void Read(ReadOnlySpan<byte> message, int scaleDown)
    {
        var offset = 0;
        var counts = new List<ulong>();
        var reader = new WireReader(message);
        while (reader.TryReadField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Varint):
                    offset = (int)reader.ReadZigZag();
                    break;
                case (2, WireType.Bytes):
                    var packed = new WireReader(reader.ReadBytes());
                    PackedVarints.Read(ref packed, counts);
                    break;
                case (2, WireType.Varint):
                    counts.Add(reader.ReadVarint());
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        for (var i = 0; i < counts.Count; i++)
        {
            if (counts[i] != 0)
            {
                var index = ((offset + i) >> scaleDown) + 1;
                _counts[index] = _counts.GetValueOrDefault(index) + counts[i];
            }
        }
    }

    /// <summary>The runs of populated buckets and what they hold.</summary>
    public (BucketSpan[] Spans, double[] Counts) Build()
    {
        var spans = new List<BucketSpan>();
        var next = 0;
        foreach (var index in _counts.Keys)
        {
            if (spans.Count > 0 && index == next)
            {
                spans[^1] = spans[^1] with { Length = spans[^1].Length + 1 };
            }
            else
            {
                spans.Add(new BucketSpan(index - next, 1));
            }

            next = index + 1;
        }

        return ([.. spans], [.. _counts.Values]);
    }
}

/// <summary>Packed lists of base-128 numbers.</summary>
internal static class PackedVarints
{
    /// <summary>Reads all there are.</summary>
    public static void Read(ref WireReader packed, List<ulong> to)
    {
        while (!packed.AtEnd)
        {
            to.Add(packed.ReadVarint());
        }
    }
}
