using Flyball.Traces.Pages;
using Flyball.Traces.Strings;

namespace Flyball.Traces.Head;

/// <summary>The newest spans, in memory, as complete pages in order of arrival. Not thread-safe; the store's gate guards it.</summary>
internal sealed class SpanHead
{
    private const int SmallPage = 256;

    private readonly List<SpanPage> _pages = [];
    private SpanPage[]? _snapshot;

    /// <summary>Spans in it, duplicates included.</summary>
    public int Spans { get; private set; }

    /// <summary>Bytes in memory, roughly.</summary>
    public long Bytes { get; private set; }

    /// <summary>The oldest log segment that holds spans of this head.</summary>
    public long OldestLogSegment { get; private set; } = long.MaxValue;

    /// <summary>The pages; never changes afterwards.</summary>
    public SpanPage[] Pages => _snapshot ??= [.. _pages];

    public void Add(SpanPage page, long logSegment)
    {
        OldestLogSegment = Math.Min(OldestLogSegment, logSegment);
        Spans += page.Count;
        Bytes += SizeOf(page);
        _pages.Add(page);

        // Neighbours are joined while they are small and of about one size, so a row is copied a few times at most.
        while (_pages.Count > 1 && _pages[^1].Count < SmallPage && _pages[^2].Count <= _pages[^1].Count * 2
            && _pages[^2].Count < SmallPage)
        {
            Bytes -= SizeOf(_pages[^1]) + SizeOf(_pages[^2]);
            _pages[^2] = PageMerge.Join(_pages[^2], _pages[^1]);
            _pages.RemoveAt(_pages.Count - 1);
            Bytes += SizeOf(_pages[^1]);
        }

        _snapshot = null;
    }

    private static long SizeOf(SpanPage page) => page.MemoryBytes + ((StringTable)page.Strings).TextBytes + (page.Strings.Count * 16L);
}
