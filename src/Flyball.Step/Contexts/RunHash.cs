using System.Buffers.Binary;
using System.Numerics;

namespace Flyball.Model.Runs;

/// <summary>The hash that <see cref="RunIds"/> are cut from: SHA-256 (FIPS 180-4), by hand.</summary>
/// <remarks>
/// The framework's loads OpenSSL first: 2.5 of the 8 ms that a step took when compiled ahead of time, for three short texts.
/// Nothing secret is hashed here. Stands in the namespace of the linked file, where the framework's stands in Model.
/// </remarks>
internal static class RunHash
{
    private const int Block = 64;
    private const int LengthAt = 56;

    private static ReadOnlySpan<uint> Initial =>
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

    private static ReadOnlySpan<uint> Rounds =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    /// <summary>SHA-256.</summary>
    public static byte[] Compute(ReadOnlySpan<byte> bytes)
    {
        Span<uint> state = stackalloc uint[8];
        Initial.CopyTo(state);
        var whole = bytes.Length / Block * Block;
        for (var at = 0; at < whole; at += Block)
        {
            Add(state, bytes.Slice(at, Block));
        }

        return Finish(state, bytes[whole..], bytes.Length);
    }

    /// <summary>SHA-256 of everything that is left to read.</summary>
    public static byte[] Compute(Stream stream)
    {
        Span<uint> state = stackalloc uint[8];
        Initial.CopyTo(state);
        var buffer = new byte[1024 * Block];
        var length = 0L;
        while (true)
        {
            var count = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            var whole = count / Block * Block;
            for (var at = 0; at < whole; at += Block)
            {
                Add(state, buffer.AsSpan(at, Block));
            }

            length += count;
            if (count < buffer.Length)
            {
                return Finish(state, buffer.AsSpan(whole, count - whole), length);
            }
        }
    }

    // What is left of the message, a one bit, zeros, and the length of the whole in bits, filled up to whole blocks.
    private static byte[] Finish(Span<uint> state, ReadOnlySpan<byte> rest, long length)
    {
        Span<byte> padded = stackalloc byte[2 * Block];
        padded.Clear();
        padded = padded[..((rest.Length + 8 + Block) / Block * Block)];
        rest.CopyTo(padded);
        padded[rest.Length] = 0x80;
        BinaryPrimitives.WriteUInt64BigEndian(padded[(padded.Length - Block + LengthAt)..], (ulong)length * 8);
        for (var at = 0; at < padded.Length; at += Block)
        {
            Add(state, padded.Slice(at, Block));
        }

        var hash = new byte[32];
        for (var i = 0; i < 8; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(4 * i), state[i]);
        }

        return hash;
    }

    private static void Add(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[64];
        for (var i = 0; i < 16; i++)
        {
            w[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..]);
        }

        for (var i = 16; i < 64; i++)
        {
            var (early, late) = (w[i - 15], w[i - 2]);
            w[i] = w[i - 16] + w[i - 7]
                + (BitOperations.RotateRight(early, 7) ^ BitOperations.RotateRight(early, 18) ^ (early >> 3))
                + (BitOperations.RotateRight(late, 17) ^ BitOperations.RotateRight(late, 19) ^ (late >> 10));
        }

        var (a, b, c, d, e, f, g, h) = (state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]);
        for (var i = 0; i < 64; i++)
        {
            var first = h + w[i] + Rounds[i] + ((e & f) ^ (~e & g))
                + (BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25));
            var second = ((a & b) ^ (a & c) ^ (b & c))
                + (BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + second);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }
}
