using System.Buffers.Binary;
using System.Numerics;

namespace Flyball.Durable.Checksums;

/// <summary>CRC-32 with the Castagnoli polynomial: the checksum of everything Flyball writes, and of Prometheus' files.</summary>
/// <remarks>Eight bytes per instruction where the processor has it; RFC 3720, appendix B.4 gives the vectors.</remarks>
public static class Crc32C
{
    /// <summary>The checksum of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => ~Continue(uint.MaxValue, bytes);

    /// <summary>The checksum of two stretches of bytes as if they were one.</summary>
    public static uint Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => ~Continue(Continue(uint.MaxValue, first), second);

    /// <summary>The checksum of three stretches of bytes as if they were one.</summary>
    public static uint Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third) =>
        ~Continue(Continue(Continue(uint.MaxValue, first), second), third);

    private static uint Continue(uint state, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= 8)
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var b in bytes)
        {
            state = BitOperations.Crc32C(state, b);
        }

        return state;
    }
}
