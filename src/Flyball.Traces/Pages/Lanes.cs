namespace Flyball.Traces.Pages;

/// <summary>The values of attribute sets, sorted into one lane per key and kind; within a lane in row order.</summary>
/// <remarks>A key that a row has twice appears twice in its shape and so twice, in order, in its lane.</remarks>
internal sealed class Lanes
{
    private readonly Dictionary<long, int> _laneOfSlot = [];
    private readonly List<long> _slots = [];
    private readonly List<Column<long>> _values = [];
    private int[]?[] _lanesOfShape = [];

    public int Count => _slots.Count;

    public long SlotOf(int lane) => _slots[lane];

    public ReadOnlySpan<long> ValuesOf(int lane) => _values[lane].Items;

    public void Fill(AttributeSets sets, SequenceTable shapes)
    {
        _laneOfSlot.Clear();
        _slots.Clear();
        _lanesOfShape = new int[]?[shapes.Count];
        var values = sets.Values.Items;
        for (var row = 0; row < sets.Shapes.Count; row++)
        {
            var lanes = LanesOf(sets.Shapes[row], shapes);
            var start = sets.Starts[row];
            for (var i = 0; i < lanes.Length; i++)
            {
                _values[lanes[i]].Add(values[start + i]);
            }
        }
    }

    private int[] LanesOf(int shape, SequenceTable shapes)
    {
        if (_lanesOfShape[shape] is { } known)
        {
            return known;
        }

        var slots = shapes[shape];
        var lanes = new int[slots.Length];
        for (var i = 0; i < slots.Length; i++)
        {
            if (!_laneOfSlot.TryGetValue(slots[i], out lanes[i]))
            {
                lanes[i] = _laneOfSlot[slots[i]] = Open(slots[i]);
            }
        }

        return _lanesOfShape[shape] = lanes;
    }

    private int Open(long slot)
    {
        var lane = _slots.Count;
        _slots.Add(slot);
        if (lane == _values.Count)
        {
            _values.Add(new Column<long>());
        }

        _values[lane].Clear();
        return lane;
    }
}
