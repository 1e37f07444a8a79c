namespace Flyball.Metrics.Head;

/// <summary>Fixed-size slots of 64-bit words in few large arrays: the open end of every series.</summary>
/// <remarks>
/// A slot of capacity c holds c values, then c times as 32-bit offsets, and with starts c more words:
/// <code>
/// | value × c | time offset × c (two to a word) | [ start × c ] |
/// </code>
/// A freed slot may still be read by selections that were opened before; <see cref="ReaderEras"/> says when not any more.
/// One writer at a time; readers hold references only.
/// </remarks>
internal sealed class SlotArena
{
    private const int ChunkWords = 1 << 16;

    // Chunks grow fourfold up to the full size, so that a head of a few late samples stays small.
    private const int FirstChunkWords = 1 << 9;

    /// <summary>The highest size class there is.</summary>
    public const int LargestClass = 7;

    private readonly Stack<int>[] _free = [new(), new(), new(), new(), new(), new(), new(), new()];
    private ulong[][] _chunks = [];
    private int _chunkCount;
    private int _capacity;
    private int _used;

    public long AllocatedBytes { get; private set; }

    /// <summary>Samples a slot of a class takes: 4, 8, 16, 32.</summary>
    public static int CapacityOf(int sizeClass) => 4 << (sizeClass & 3);

    /// <summary>The class of slots with room for starts.</summary>
    public static int WithStarts(int sizeClass) => sizeClass | 4;

    public static bool HasStarts(int sizeClass) => (sizeClass & 4) != 0;

    public int Allocate(int sizeClass)
    {
        if (_free[sizeClass].TryPop(out var slot))
        {
            return slot;
        }

        var words = WordsOf(sizeClass);
        if (_capacity - _used < words)
        {
            AddChunk();
        }

        slot = ((_chunkCount - 1) << 16) | _used;
        _used += words;
        return slot;
    }

    public void Free(int slot, int sizeClass) => _free[sizeClass].Push(slot);

    public Span<ulong> Words(int slot, int sizeClass) => _chunks[slot >> 16].AsSpan(slot & 0xffff, WordsOf(sizeClass));

    private static int WordsOf(int sizeClass)
    {
        var capacity = CapacityOf(sizeClass);
        return capacity + (capacity / 2) + (HasStarts(sizeClass) ? capacity : 0);
    }

    private void AddChunk()
    {
        if (_chunkCount == _chunks.Length)
        {
            var larger = new ulong[Math.Max(16, _chunkCount * 2)][];
            _chunks.CopyTo(larger, 0);
            Volatile.Write(ref _chunks, larger);
        }

        _capacity = (int)Math.Min(ChunkWords, (long)FirstChunkWords << (2 * Math.Min(_chunkCount, 8)));
        _chunks[_chunkCount++] = GC.AllocateUninitializedArray<ulong>(_capacity);
        AllocatedBytes += _capacity * sizeof(ulong);
        _used = 0;
    }
}
