using Flyball.Model.Labels;

namespace Flyball.PromQL.Evaluation;

/// <summary>Numbers distinct label sets in the order they are first seen: groups of an aggregation, signatures of a matching.</summary>
/// <remarks>Open addressing over canonical bytes; a look-up of a known set allocates nothing. Not thread-safe.</remarks>
internal sealed class GroupTable
{
    private int[] _slots = new int[64];
    private ulong[] _hashes = new ulong[32];
    private readonly List<LabelSet> _keys = [];
    private byte[] _scratch = new byte[256];
    private int _latest;

    public int Count => _keys.Count;

    public LabelSet KeyOf(int group) => _keys[group];

    /// <summary>The number of a projected label set.</summary>
    public int Assign(LabelSet labels, LabelProjection projection) =>
        Assign(projection.IsEmpty ? default : projection.Apply(labels, ref _scratch));

    /// <summary>The number of a label set by its canonical bytes.</summary>
    public int Assign(ReadOnlySpan<byte> encoded)
    {
        // Series in label order: neighbours are often of one group.
        if (_latest < _keys.Count && _keys[_latest].Encoded.SequenceEqual(encoded))
        {
            return _latest;
        }

        return _latest = FindOrAdd(encoded);
    }

    private int FindOrAdd(ReadOnlySpan<byte> encoded)
    {
        var hash = LabelSet.HashOf(encoded);
        var mask = _slots.Length - 1;
        for (var slot = (int)hash & mask; ; slot = (slot + 1) & mask)
        {
            var entry = _slots[slot] - 1;
            if (entry < 0)
            {
                return Add(encoded, hash, slot);
            }

            if (_hashes[entry] == hash && _keys[entry].Encoded.SequenceEqual(encoded))
            {
                return entry;
            }
        }
    }

    private int Add(ReadOnlySpan<byte> encoded, ulong hash, int slot)
    {
        _slots[slot] = _keys.Count + 1;
        if (_keys.Count == _hashes.Length)
        {
            Array.Resize(ref _hashes, _hashes.Length * 2);
        }

        _hashes[_keys.Count] = hash;
        _keys.Add(LabelSet.FromEncoded(encoded));
        if (_keys.Count * 2 > _slots.Length)
        {
            Grow();
        }

        return _keys.Count - 1;
    }

    private void Grow()
    {
        _slots = new int[_slots.Length * 2];
        var mask = _slots.Length - 1;
        for (var i = 0; i < _keys.Count; i++)
        {
            var slot = (int)_hashes[i] & mask;
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & mask;
            }

            _slots[slot] = i + 1;
        }
    }
}
