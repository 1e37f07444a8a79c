using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Scraping;

/// <summary>What one target exposed before: from the bytes a series is written with to its final labels and the store's handle.</summary>
/// <remarks>
/// It makes a repeated scrape nearly free: a target writes its series in the same order every time, so the entry after the
/// one found last is tried first, by comparing bytes; only a miss there asks the hash table. It also knows which series
/// were there at the last scrape and are not now. Used by one scrape loop; not thread-safe.
/// </remarks>
internal sealed class SeriesCache
{
    /// <summary>No such series yet.</summary>
    public const int Unknown = -1;

    // Entries unused for this many scrapes make room when the table is rebuilt.
    private const int KeptScrapes = 10;

    private Entry[] _entries = new Entry[64];
    private int[] _table = new int[128];
    private byte[] _keys = new byte[4096];
    private int _keysUsed;
    private int _expected;
    private int _scrape = 1;
    private int _trackedBefore;
    private int _trackedAgain;
    private int _tracked;

    /// <summary>Number of entries, those of dropped series included.</summary>
    public int Count { get; private set; }

    /// <summary>Starts a scrape.</summary>
    public void Begin()
    {
        if (Count > 1024 && Count > 2 * Math.Max(_trackedBefore, _tracked))
        {
            Rebuild();
        }

        _scrape++;
        _trackedBefore = _tracked;
        _tracked = 0;
        _trackedAgain = 0;
        _expected = 0;
    }

    /// <summary>Finds the entry for the bytes of a series, or <see cref="Unknown"/>.</summary>
    public int Find(ReadOnlySpan<byte> series)
    {
        if (_expected < Count && KeyOf(_expected).SequenceEqual(series))
        {
            return Use(_expected);
        }

        var mask = _table.Length - 1;
        for (var at = (int)LabelSet.HashOf(series) & mask; _table[at] != 0; at = (at + 1) & mask)
        {
            var index = _table[at] - 1;
            if (KeyOf(index).SequenceEqual(series))
            {
                return Use(index);
            }
        }

        return Unknown;
    }

    /// <summary>Adds an entry; <paramref name="labels"/> is null for a series that relabelling dropped.</summary>
    public int Add(ReadOnlySpan<byte> series, LabelSet? labels)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        if (Count * 2 >= _table.Length)
        {
            Rehash(_table.Length * 2);
        }

        if (_keys.Length - _keysUsed < series.Length)
        {
            Array.Resize(ref _keys, Math.Max(_keys.Length * 2, _keysUsed + series.Length));
        }

        series.CopyTo(_keys.AsSpan(_keysUsed));
        _entries[Count] = new Entry { KeyStart = _keysUsed, KeyLength = series.Length, Labels = labels };
        _keysUsed += series.Length;
        Link(Count, series);
        return Use(Count++);
    }

    /// <summary>The labels of an entry; null when relabelling dropped it.</summary>
    public LabelSet? Labels(int index) => _entries[index].Labels;

    /// <summary>The store's handle.</summary>
    public SeriesRef Ref(int index) => _entries[index].Ref;

    /// <summary>Notes the store's handle.</summary>
    public void SetRef(int index, SeriesRef value) => _entries[index].Ref = value;

    /// <summary>Notes that the series is in this scrape, so that its absence from the next one ends it.</summary>
    /// <returns>False when it was in this scrape already.</returns>
    public bool Track(int index)
    {
        ref var entry = ref _entries[index];
        if (entry.Tracked == _scrape)
        {
            return false;
        }

        entry.TrackedBefore = entry.Tracked;
        _trackedAgain += entry.Tracked == _scrape - 1 ? 1 : 0;
        entry.Tracked = _scrape;
        _tracked++;
        return true;
    }

    /// <summary>Adds the entries that the last scrape had and this one has not.</summary>
    public void FindVanished(List<int> vanished)
    {
        if (_trackedAgain == _trackedBefore)
        {
            return;
        }

        for (var i = 0; i < Count; i++)
        {
            if (_entries[i].Tracked == _scrape - 1)
            {
                vanished.Add(i);
            }
        }

        // The same labels may be written in other bytes now; then the series goes on.
        if (_tracked > 0)
        {
            var present = new HashSet<LabelSet>();
            for (var i = 0; i < Count; i++)
            {
                if (_entries[i].Tracked == _scrape)
                {
                    present.Add(_entries[i].Labels!);
                }
            }

            vanished.RemoveAll(i => present.Contains(_entries[i].Labels!));
        }
    }

    /// <summary>Takes back what this scrape tracked, because it failed, and adds all that the last one had.</summary>
    public void FindAllOfLastScrape(List<int> vanished)
    {
        for (var i = 0; i < Count; i++)
        {
            ref var entry = ref _entries[i];
            if (entry.Tracked == _scrape)
            {
                entry.Tracked = entry.TrackedBefore;
            }

            if (entry.Tracked == _scrape - 1)
            {
                vanished.Add(i);
            }
        }

        _tracked = 0;
    }

    private ReadOnlySpan<byte> KeyOf(int index) => _keys.AsSpan(_entries[index].KeyStart, _entries[index].KeyLength);

    private int Use(int index)
    {
        _entries[index].Used = _scrape;
        _expected = index + 1;
        return index;
    }

    private void Link(int index, ReadOnlySpan<byte> key)
    {
        var mask = _table.Length - 1;
        var at = (int)LabelSet.HashOf(key) & mask;
        while (_table[at] != 0)
        {
            at = (at + 1) & mask;
        }

        _table[at] = index + 1;
    }

    private void Rehash(int size)
    {
        _table = new int[size];
        for (var i = 0; i < Count; i++)
        {
            Link(i, KeyOf(i));
        }
    }

    private void Rebuild()
    {
        var (entries, keys, count) = (_entries, _keys, Count);
        var kept = entries.AsSpan(0, count).ToArray().Where(e => e.Used > _scrape - KeptScrapes).ToArray();
        _entries = new Entry[Math.Max(64, kept.Length + (kept.Length / 8))];
        _keys = new byte[Math.Max(4096, kept.Sum(e => e.KeyLength))];
        _keysUsed = 0;
        Count = 0;
        foreach (var entry in kept)
        {
            keys.AsSpan(entry.KeyStart, entry.KeyLength).CopyTo(_keys.AsSpan(_keysUsed));
            _entries[Count++] = entry with { KeyStart = _keysUsed };
            _keysUsed += entry.KeyLength;
        }

        Rehash((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)_entries.Length * 2));
    }

    private record struct Entry
    {
        public int KeyStart;
        public int KeyLength;
        public LabelSet? Labels;
        public SeriesRef Ref;
        public int Used;
        public int Tracked;
        public int TrackedBefore;
    }
}
