using Flyball.Model.Samples;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>A run of samples of one series as Prometheus packs them, on disk and in streamed remote reads.</summary>
/// <param name="FirstMs">Time of the first sample, UTC milliseconds.</param>
/// <param name="LastMs">Time of the last sample.</param>
/// <param name="Encoding">1 = XOR, 2 = integer histograms, 3 = float histograms.</param>
/// <param name="Data">The packed samples.</param>
public readonly record struct PackedChunk(long FirstMs, long LastMs, byte Encoding, ReadOnlyMemory<byte> Data)
{
    /// <summary>Packs samples, at most 120 to a chunk.</summary>
    /// <param name="samples">Not to be changed while the result is walked.</param>
    public static IEnumerable<PackedChunk> Pack(SampleColumns samples)
    {
        var encoder = new ChunkEncoder();
        for (var at = 0; at < samples.Count;)
        {
            var first = at;
            var data = encoder.Next(samples, ref at, out var encoding).ToArray();
            yield return new PackedChunk(samples.TimestampsMs[first], samples.TimestampsMs[at - 1], encoding, data);
        }
    }
}
