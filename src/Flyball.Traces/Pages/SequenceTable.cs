using System.Runtime.InteropServices;
using Flyball.Model.Labels;

namespace Flyball.Traces.Pages;

/// <summary>Gives each distinct sequence of numbers a number, from 0: attribute shapes, resources, scopes.</summary>
internal sealed class SequenceTable
{
    private readonly Column<int> _ends = new();
    private readonly Column<uint> _hashes = new();
    private readonly Column<long> _items = new();
    private int[] _slots = new int[16]; // id + 1; 0 is free

    public int Count => _ends.Count;

    /// <summary>The items of all sequences, one after the other.</summary>
    public ReadOnlySpan<long> Items => _items.Items;

    public ReadOnlySpan<long> this[int id] => _items.Items[(id == 0 ? 0 : _ends[id - 1]).._ends[id]];

    public int Intern(ReadOnlySpan<long> sequence)
    {
        var hash = (uint)LabelSet.HashOf(MemoryMarshal.AsBytes(sequence));
        var slot = hash & (uint)(_slots.Length - 1);
        while (_slots[slot] is var taken and not 0)
        {
            if (_hashes[taken - 1] == hash && this[taken - 1].SequenceEqual(sequence))
            {
                return taken - 1;
            }

            slot = (slot + 1) & (uint)(_slots.Length - 1);
        }

        _items.AddRange(sequence);
        _ends.Add(_items.Count);
        _hashes.Add(hash);
        _slots[slot] = _ends.Count;
        if (_ends.Count * 2 > _slots.Length)
        {
            Rehash();
        }

        return _ends.Count - 1;
    }

    private void Rehash()
    {
        _slots = new int[_slots.Length * 2];
        for (var id = 0; id < _ends.Count; id++)
        {
            var slot = _hashes[id] & (uint)(_slots.Length - 1);
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & (uint)(_slots.Length - 1);
            }

            _slots[slot] = id + 1;
        }
    }
}
