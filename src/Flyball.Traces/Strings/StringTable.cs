using Flyball.Model.Labels;
using Flyball.Traces.Pages;

namespace Flyball.Traces.Strings;

/// <summary>Gives each distinct byte string a number: 0 for the empty one, then 1, 2, … in order of first appearance.</summary>
/// <remarks>Open addressing over ids; texts lie one after the other in one arena. One writer; many readers once it is complete.</remarks>
internal sealed class StringTable : IStringSource
{
    private readonly Column<int> _ends = new(64);
    private readonly Column<uint> _hashes = new(64);
    private readonly Column<byte> _arena = new(1024);
    private int[] _slots = new int[128];

    public StringTable()
    {
        _ends.Add(0);
        _hashes.Add(HashOf([]));
    }

    public int Count => _ends.Count;

    /// <summary>Bytes of all texts.</summary>
    public int TextBytes => _arena.Count;

    /// <summary>All texts, one after the other.</summary>
    public ReadOnlySpan<byte> Texts => _arena.Items;

    public ReadOnlySpan<byte> this[int id] => id == 0 ? default : _arena.Items[_ends[id - 1].._ends[id]];

    public int Intern(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return 0;
        }

        var hash = HashOf(text);
        var slot = hash & (uint)(_slots.Length - 1);
        while (_slots[slot] is var id and not 0)
        {
            if (_hashes[id] == hash && this[id].SequenceEqual(text))
            {
                return id;
            }

            slot = (slot + 1) & (uint)(_slots.Length - 1);
        }

        return Add(text, hash, slot);
    }

    public int Find(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return 0;
        }

        var hash = HashOf(text);
        var slot = hash & (uint)(_slots.Length - 1);
        while (_slots[slot] is var id and not 0)
        {
            if (_hashes[id] == hash && this[id].SequenceEqual(text))
            {
                return id;
            }

            slot = (slot + 1) & (uint)(_slots.Length - 1);
        }

        return -1;
    }

    private static uint HashOf(ReadOnlySpan<byte> text) => (uint)LabelSet.HashOf(text);

    private int Add(ReadOnlySpan<byte> text, uint hash, uint slot)
    {
        var id = _ends.Count;
        _arena.AddRange(text);
        _ends.Add(_arena.Count);
        _hashes.Add(hash);
        _slots[slot] = id;
        if (id * 2 > _slots.Length)
        {
            Rehash();
        }

        return id;
    }

    private void Rehash()
    {
        _slots = new int[_slots.Length * 2];
        for (var id = 1; id < _ends.Count; id++)
        {
            var slot = _hashes[id] & (uint)(_slots.Length - 1);
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & (uint)(_slots.Length - 1);
            }

            _slots[slot] = id;
        }
    }
}
