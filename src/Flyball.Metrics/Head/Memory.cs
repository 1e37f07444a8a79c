using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Flyball.Metrics.Head;

/// <summary>What the processor can be told about memory.</summary>
internal static class Memory
{
    private const int LineBytes = 64;

    /// <summary>Fetches some bytes into the cache while other work goes on. Changes nothing else.</summary>
    public static unsafe void Prefetch<T>(ref readonly T first, int bytes)
        where T : unmanaged
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        // Only a hint: it may name memory that the collector moves meanwhile, or that is not there.
        var at = (byte*)Unsafe.AsPointer(ref Unsafe.AsRef(in first));
        for (var offset = 0; offset < bytes; offset += LineBytes)
        {
            Sse.Prefetch0(at + offset);
        }
    }
}
