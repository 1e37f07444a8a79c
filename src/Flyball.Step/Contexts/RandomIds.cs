namespace Flyball.Step.Contexts;

/// <summary>Ids that nothing derives.</summary>
internal static class RandomIds
{
    /// <summary>64 bits of the system's generator.</summary>
    public static ulong Next()
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.NewGuid().TryWriteBytes(bytes);

        // The halves of a random id have fixed bits in different places; together none is left.
        return BitConverter.ToUInt64(bytes) ^ BitConverter.ToUInt64(bytes[8..]);
    }
}
