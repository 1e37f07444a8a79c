using System.Buffers;
using System.Buffers.Binary;

namespace Flyball.Traces.Strings;

/// <summary>Sorts the texts of a table in byte order, eight bytes at a time.</summary>
/// <remarks>A dictionary is hundreds of thousands of texts, many with long beginnings in common: numbers made of eight bytes sort several
/// times as fast as texts do, and only those with equal numbers are looked at again, eight bytes further on.</remarks>
internal sealed class TextSort(StringTable texts) : IComparer<int>
{
    private const int Step = sizeof(ulong);

    // Fewer are compared as they are. So is what is equal for so long: each step is a call within the call before.
    private const int Few = 12;
    private const int Deepest = 64 * Step;

    /// <summary>Sorts ids of the table, which are distinct.</summary>
    public void Sort(Span<int> ids)
    {
        var keys = ArrayPool<ulong>.Shared.Rent(ids.Length);
        Sort(ids, keys.AsSpan(0, ids.Length), offset: 0);
        ArrayPool<ulong>.Shared.Return(keys);
    }

    /// <inheritdoc />
    public int Compare(int x, int y) => texts[x].SequenceCompareTo(texts[y]);

    private void Sort(Span<int> ids, Span<ulong> keys, int offset)
    {
        if (ids.Length <= Few || offset > Deepest)
        {
            ids.Sort(this);
            return;
        }

        for (var i = 0; i < ids.Length; i++)
        {
            keys[i] = KeyOf(texts[ids[i]], offset);
        }

        keys.Sort(ids);
        for (var from = 0; from < ids.Length;)
        {
            var until = from + 1;
            while (until < ids.Length && keys[until] == keys[from])
            {
                until++;
            }

            if (until - from > 1)
            {
                SortEqual(ids[from..until], keys[from..until], offset + Step);
            }

            from = until;
        }
    }

    // Texts that have ended come before those that go on; of two that have ended and only differ in zero bytes, the shorter.
    private void SortEqual(Span<int> ids, Span<ulong> keys, int offset)
    {
        var ended = 0;
        for (var i = 0; i < ids.Length; i++)
        {
            if (texts[ids[i]].Length <= offset)
            {
                (ids[ended], ids[i]) = (ids[i], ids[ended]);
                ended++;
            }
        }

        ids[..ended].Sort(this);
        Sort(ids[ended..], keys[ended..], offset);
    }

    private static ulong KeyOf(ReadOnlySpan<byte> text, int offset)
    {
        if (text.Length >= offset + Step)
        {
            return BinaryPrimitives.ReadUInt64BigEndian(text[offset..]);
        }

        ulong key = 0;
        for (var i = offset; i < text.Length; i++)
        {
            key |= (ulong)text[i] << (8 * (Step - 1 - (i - offset)));
        }

        return key;
    }
}
