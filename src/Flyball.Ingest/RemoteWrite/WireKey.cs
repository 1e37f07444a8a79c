using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Flyball.Ingest.RemoteWrite;

/// <summary>128 bits that stand for the labels of a series as a sender wrote them.</summary>
/// <remarks>
/// Two chains of multiply and fold (the mixing step of wyhash), each keyed with random numbers of this process: who does not know them
/// cannot look for two series that share a key, and by chance two of a billion series share one with a probability of 10^-21.
/// </remarks>
internal readonly record struct WireKey(ulong Low, ulong High)
{
    private static readonly ulong FirstSecret = RandomSecret(), SecondSecret = RandomSecret(), ThirdSecret = RandomSecret(), FourthSecret = RandomSecret();

    /// <summary>The key of some bytes.</summary>
    public static WireKey Of(ReadOnlySpan<byte> bytes)
    {
        ulong low = FirstSecret ^ (ulong)bytes.Length, high = SecondSecret;
        while (bytes.Length >= 16)
        {
            var a = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            var b = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
            low = Fold(low ^ a, ThirdSecret ^ b);
            high = Fold(high ^ b, FourthSecret ^ a);
            bytes = bytes[16..];
        }

        Span<byte> rest = stackalloc byte[16];
        rest.Clear();
        bytes.CopyTo(rest);
        var last = BinaryPrimitives.ReadUInt64LittleEndian(rest);
        var lastButOne = BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]);
        low = Fold(low ^ last, ThirdSecret ^ lastButOne);
        high = Fold(high ^ lastButOne, FourthSecret ^ last);
        return new WireKey(Fold(low, high ^ FirstSecret), Fold(high ^ SecondSecret, low ^ FourthSecret));
    }

    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }

    // Odd, so that it is never the zero that would swallow what it is multiplied with.
    private static ulong RandomSecret()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes) | 1;
    }
}
