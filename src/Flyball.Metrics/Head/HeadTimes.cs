using Flyball.Metrics.Pages;

namespace Flyball.Metrics.Head;

/// <summary>Time columns of head pages that this thread decoded lately: what one scrape brings shares its times, series after series.</summary>
/// <remarks>
/// A column is recognised by the very bytes it is written in, so nothing that is found here can be wrong, whichever head it comes from.
/// Series in label order take turns between targets; there is room for some eighty of them.
/// </remarks>
internal sealed class HeadTimes
{
    private const int EntryBits = 8;
    private const int MostSamples = 32;

    // Longer columns are those of clocks without rhythm, which nobody shares.
    private const int MostBytes = 64;

    [ThreadStatic]
    private static HeadTimes? _ofThisThread;

    private readonly byte[] _bytes = new byte[MostBytes << EntryBits];
    private readonly long[] _offsets = new long[MostSamples << EntryBits];
    private readonly Entry[] _entries = new Entry[1 << EntryBits];

    /// <summary>Those of this thread.</summary>
    public static HeadTimes OfThisThread => _ofThisThread ??= new HeadTimes();

    /// <summary>Decodes a column, relative to the head's start.</summary>
    /// <param name="first">Its first offset, which the page's header tells.</param>
    /// <param name="to">Takes as many as the page has.</param>
    public void Decode(ref ByteReader from, int first, int last, scoped Span<long> to)
    {
        if (to.Length > MostSamples)
        {
            IntegerColumn.Decode(ref from, to);
            return;
        }

        var place = (int)(((uint)first * 0x9e37_79b1) >> (32 - EntryBits));
        ref var entry = ref _entries[place];
        var known = _offsets.AsSpan(place * MostSamples, to.Length);
        if (entry.Length > 0 && entry.First == first && entry.Last == last && entry.Count == to.Length
            && from.Rest.StartsWith(_bytes.AsSpan(place * MostBytes, entry.Length)))
        {
            known.CopyTo(to);
            from.Skip(entry.Length);
            return;
        }

        var bytes = from.Rest;
        var start = from.Position;
        IntegerColumn.Decode(ref from, to);
        var length = from.Position - start;
        if (length <= MostBytes)
        {
            bytes[..length].CopyTo(_bytes.AsSpan(place * MostBytes));
            to.CopyTo(known);
            entry = new Entry(first, last, to.Length, length);
        }
    }

    private readonly record struct Entry(int First, int Last, int Count, int Length);
}
