using Flyball.Traces.Strings;

namespace Flyball.Traces.Segments;

/// <summary>The dictionary of a new segment: the strings of all inputs, sorted, and for each input where its ids went.</summary>
internal sealed class StringMerge
{
    private readonly StringTable _table = new();
    private readonly List<int[]> _maps = [];
    private int[] _order = [];

    /// <summary>Number of strings, the empty one included.</summary>
    public int Count => _table.Count;

    /// <summary>The strings before they were sorted; pages under construction only need their number.</summary>
    public IStringSource Source => _table;

    /// <summary>A string by its final id.</summary>
    public ReadOnlySpan<byte> this[int id] => _table[_order[id]];

    /// <summary>Takes the strings of an input.</summary>
    public void Add(IStringSource strings)
    {
        var map = new int[strings.Count];
        for (var id = 1; id < map.Length; id++)
        {
            map[id] = _table.Intern(strings[id]);
        }

        _maps.Add(map);
    }

    /// <summary>Numbers the strings in byte order; the empty one keeps 0.</summary>
    public void Sort()
    {
        _order = new int[_table.Count];
        for (var i = 0; i < _order.Length; i++)
        {
            _order[i] = i;
        }

        new TextSort(_table).Sort(_order);
        var rank = new int[_order.Length];
        for (var i = 0; i < _order.Length; i++)
        {
            rank[_order[i]] = i;
        }

        foreach (var map in _maps)
        {
            foreach (ref var id in map.AsSpan())
            {
                id = rank[id];
            }
        }
    }

    /// <summary>For each id of an input, its final id; only after <see cref="Sort"/>.</summary>
    public int[] MapOf(int input) => _maps[input];
}
