using System.Runtime.CompilerServices;

namespace Flyball.Metrics.Head;

/// <summary>Append-only bytes in few large arrays: labels, symbols and sealed pages of a head live here until it goes.</summary>
/// <remarks>
/// A reference is a 32-bit number: chunk in the upper bits, offset / 8 in the lower 17. Chunks never move, so a reader may
/// use a reference without any lock once it has been published to it. One writer at a time.
/// </remarks>
internal sealed class ByteArena
{
    private const int ChunkBytes = 1 << 20;

    // A head that a few late samples opened should not cost a megabyte: chunks grow fourfold up to the full size.
    private const int FirstChunkBytes = 1 << 12;
    private const int OffsetBits = 17;
    private const int Alignment = 8;

    private byte[][] _chunks = [];
    private int _chunkCount;
    private int _capacity;
    private int _used;

    /// <summary>Bytes the arena holds of the machine's memory.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>Goes on where another arena was: references into it stay what they were. For an arena that is empty.</summary>
    public void GoOn(byte[][] chunks, int usedOfLast)
    {
        (_chunks, _chunkCount, _used) = (chunks, chunks.Length, usedOfLast);
        _capacity = _chunkCount == 0 ? 0 : _chunks[^1].Length;
        AllocatedBytes = _chunks.Sum(c => c.LongLength);
    }

    /// <summary>What is written so far; it never changes. Under the gate of who writes.</summary>
    public ArenaExtent Extent => new(_chunks.AsMemory(0, _chunkCount), _used);

    /// <summary>Reserves room.</summary>
    /// <returns>A reference to it, never 0.</returns>
    public uint Allocate(int size, out Span<byte> room)
    {
        if (size > ChunkBytes / 4)
        {
            return AllocateAlone(size, out room);
        }

        if (_capacity - _used < size)
        {
            var next = (int)Math.Min(ChunkBytes, (long)FirstChunkBytes << (2 * Math.Min(_chunkCount, 8)));
            AddChunk(Math.Max(next, size + Alignment));
            _used = _chunkCount == 1 ? Alignment : 0;   // reference 0 means "none"
        }

        room = _chunks[_chunkCount - 1].AsSpan(_used, size);
        var reference = ((uint)(_chunkCount - 1) << OffsetBits) | (uint)(_used / Alignment);
        _used += (size + Alignment - 1) & -Alignment;
        return reference;
    }

    /// <summary>Everything from a reference to the end of its chunk; the contents tell where they end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> From(uint reference) =>
        _chunks[reference >> OffsetBits].AsSpan((int)(reference & ((1 << OffsetBits) - 1)) * Alignment);

    /// <summary>As <see cref="From"/>, with a known length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Slice(uint reference, int length) =>
        _chunks[reference >> OffsetBits].AsSpan((int)(reference & ((1 << OffsetBits) - 1)) * Alignment, length);

    // Something large has a chunk of its own; the next small thing opens another.
    private uint AllocateAlone(int size, out Span<byte> room)
    {
        AddChunk(size + Alignment);
        _used = _capacity;
        room = _chunks[_chunkCount - 1].AsSpan(Alignment, size);
        return ((uint)(_chunkCount - 1) << OffsetBits) | 1;
    }

    private void AddChunk(int size)
    {
        if (_chunkCount == _chunks.Length)
        {
            // Readers hold the old array; what they may ask for is in it.
            var larger = new byte[Math.Max(16, _chunkCount * 2)][];
            _chunks.CopyTo(larger, 0);
            Volatile.Write(ref _chunks, larger);
        }

        _chunks[_chunkCount] = GC.AllocateUninitializedArray<byte>(size);
        _chunkCount++;
        _capacity = size;
        AllocatedBytes += size;
    }
}

/// <summary>The chunks of an arena and how much of the last is in use; those before are in use as a whole.</summary>
internal readonly record struct ArenaExtent(ReadOnlyMemory<byte[]> Chunks, int UsedOfLast);
