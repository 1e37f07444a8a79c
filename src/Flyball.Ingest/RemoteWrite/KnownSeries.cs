using Flyball.Model.Samples;

namespace Flyball.Ingest.RemoteWrite;

/// <summary>From the labels of a series as they are sent to the store's handle, so that they are decoded once and not with every sample.</summary>
/// <remarks>
/// Senders repeat themselves in the same order: the entry after the last hit is looked at first, and entries lie in the order in which
/// they came, so that the usual case reads memory from front to back. 33 bytes per series. A turn has passed when there were twice
/// as many uses as entries that were used in it; before the table grows, what was not used for a whole turn is dropped, so that it follows
/// the series that are alive. Not thread-safe: the receiver locks it.
/// </remarks>
internal sealed class KnownSeries
{
    private const int SmallestSize = 1024, MostEntries = 1 << 24;
    private const int UsesPerEntry = 2, TurnsUntilForgotten = 2;

    private Entry[] _entries = new Entry[SmallestSize];

    // Open addressing, twice as many cells as entries: the number of an entry + 1, or 0.
    private int[] _cells = new int[SmallestSize * 2];
    private byte[] _lastUsed = new byte[SmallestSize];
    private int _expected;
    private byte _turn;
    private long _usesInTurn, _usedInTurn;

    /// <summary>Number of series known.</summary>
    public int Count { get; private set; }

    /// <summary>Finds the handle of a series.</summary>
    public bool TryFind(WireKey key, out SeriesRef known)
    {
        if (_expected >= Count || _entries[_expected].Key != key)
        {
            _expected = Find(key);
            if (_expected < 0)
            {
                _expected = 0;
                known = SeriesRef.None;
                return false;
            }
        }

        NoteUse(_expected);
        known = _entries[_expected++].Ref;
        return true;
    }

    /// <summary>Notes the handle of a series, new or changed.</summary>
    public void Remember(WireKey key, SeriesRef known)
    {
        var found = Find(key);
        if (found < 0)
        {
            if (Count == _entries.Length)
            {
                MakeRoom();
            }

            found = Count++;
            _entries[found].Key = key;
            _lastUsed[found] = (byte)(_turn - 1);
            Cell(key) = Count;
        }

        _entries[found].Ref = known;
        NoteUse(found);
    }

    private int Find(WireKey key) => Cell(key) - 1;

    // The cell that holds a key, or the empty one where it belongs.
    private ref int Cell(WireKey key)
    {
        var mask = _cells.Length - 1;
        var at = (int)key.Low & mask;
        while (_cells[at] != 0 && _entries[_cells[at] - 1].Key != key)
        {
            at = (at + 1) & mask;
        }

        return ref _cells[at];
    }

    private void NoteUse(int entry)
    {
        _usedInTurn += _lastUsed[entry] == _turn ? 0 : 1;
        _lastUsed[entry] = _turn;
        if (++_usesInTurn > (_usedInTurn * UsesPerEntry) + SmallestSize)
        {
            _turn++;
            _usesInTurn = _usedInTurn = 0;
        }
    }

    private void MakeRoom()
    {
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            // The turn wraps around: at worst a series that is gone stays known once more.
            if ((byte)(_turn - _lastUsed[i]) < TurnsUntilForgotten)
            {
                _entries[kept] = _entries[i];
                _lastUsed[kept++] = _lastUsed[i];
            }
        }

        // So many series alive at once are no sender's habit: begin again rather than grow for ever.
        Count = kept <= MostEntries / 2 ? kept : 0;
        _expected = 0;
        if (Count > _entries.Length / 2)
        {
            Array.Resize(ref _entries, _entries.Length * 2);
            Array.Resize(ref _lastUsed, _entries.Length);
            _cells = new int[_entries.Length * 2];
        }

        Array.Clear(_cells);
        for (var i = 0; i < Count; i++)
        {
            Cell(_entries[i].Key) = i + 1;
        }
    }

    private struct Entry
    {
        public WireKey Key;
        public SeriesRef Ref;
    }
}
