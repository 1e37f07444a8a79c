using System.Security.Cryptography;

namespace Flyball.Model.Runs;

/// <summary>The hash that <see cref="RunIds"/> are cut from.</summary>
internal static class RunHash
{
    /// <summary>SHA-256.</summary>
    public static byte[] Compute(ReadOnlySpan<byte> bytes) => SHA256.HashData(bytes);
}
