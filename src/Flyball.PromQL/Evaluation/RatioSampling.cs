using System.Numerics;
using Flyball.Model.Labels;

namespace Flyball.PromQL.Evaluation;

/// <summary>Decides which series <c>limit_ratio</c> keeps: by a hash of their labels, so always the same ones.</summary>
/// <remarks>The hash is XXH64 over the labels as Prometheus lays them out (each string after its length), so that the same
/// series are kept there and here.</remarks>
internal static class RatioSampling
{
    private const ulong P1 = 11400714785074694791, P2 = 14029467366897019727, P3 = 1609587929392839161,
        P4 = 9650029242287828579, P5 = 2870177450012600261;

    /// <summary>Whether a ratio keeps a series; negative ratios keep the complement.</summary>
    public static bool Keeps(LabelSet labels, double ratio)
    {
        var position = HashOf(labels) / (double)ulong.MaxValue;
        return ratio >= 0 ? position < ratio : position >= 1.0 + ratio;
    }

    private static ulong HashOf(LabelSet labels)
    {
        var bytes = new List<byte>(256);
        foreach (var label in labels)
        {
            Append(bytes, label.Name);
            Append(bytes, label.Value);
        }

        return XxHash64([.. bytes]);
    }

    private static void Append(List<byte> bytes, ReadOnlySpan<byte> text)
    {
        if (text.Length < 255)
        {
            bytes.Add((byte)text.Length);
        }
        else
        {
            bytes.AddRange([255, (byte)text.Length, (byte)(text.Length >> 8), (byte)(text.Length >> 16)]);
        }

        bytes.AddRange(text);
    }

    private static ulong XxHash64(ReadOnlySpan<byte> data)
    {
        var length = (ulong)data.Length;
        ulong hash;
        if (data.Length >= 32)
        {
            ulong a = unchecked(P1 + P2), b = P2, c = 0, d = unchecked(0 - P1);
            while (data.Length >= 32)
            {
                a = Round(a, Read64(data));
                b = Round(b, Read64(data[8..]));
                c = Round(c, Read64(data[16..]));
                d = Round(d, Read64(data[24..]));
                data = data[32..];
            }

            hash = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7) + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18);
            hash = Fold(Fold(Fold(Fold(hash, a), b), c), d);
        }
        else
        {
            hash = P5;
        }

        hash += length;
        for (; data.Length >= 8; data = data[8..])
        {
            hash = (BitOperations.RotateLeft(hash ^ Round(0, Read64(data)), 27) * P1) + P4;
        }

        if (data.Length >= 4)
        {
            hash = (BitOperations.RotateLeft(hash ^ (System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(data) * P1), 23) * P2) + P3;
            data = data[4..];
        }

        foreach (var next in data)
        {
            hash = BitOperations.RotateLeft(hash ^ (next * P5), 11) * P1;
        }

        hash = (hash ^ (hash >> 33)) * P2;
        hash = (hash ^ (hash >> 29)) * P3;
        return hash ^ (hash >> 32);
    }

    private static ulong Read64(ReadOnlySpan<byte> data) => System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(data);

    private static ulong Round(ulong sum, ulong input) => BitOperations.RotateLeft(sum + (input * P2), 31) * P1;

    private static ulong Fold(ulong hash, ulong lane) => ((hash ^ Round(0, lane)) * P1) + P4;
}
