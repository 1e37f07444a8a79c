namespace Flyball.Traces.Pages;

/// <summary>Finds the row of a span's parent within a page.</summary>
internal sealed class ParentRows
{
    private int[] _slots = new int[1024]; // row + 1; 0 is free

    public void Fill(SpanPage page)
    {
        var size = _slots.Length;
        while (size < page.Count * 2)
        {
            size *= 2;
        }

        if (size == _slots.Length)
        {
            Array.Clear(_slots);
        }
        else
        {
            _slots = new int[size];
        }

        for (var row = 0; row < page.Count; row++)
        {
            var slot = SlotOf(page.SpanId[row]);
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & (_slots.Length - 1);
            }

            _slots[slot] = row + 1;
        }
    }

    /// <summary>Looks for a span of the same trace as a row.</summary>
    public bool TryFind(SpanPage page, int row, ulong spanId, out int found)
    {
        for (var slot = SlotOf(spanId); _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            found = _slots[slot] - 1;
            if (page.SpanId[found] == spanId
                && page.TraceLow[found] == page.TraceLow[row] && page.TraceHigh[found] == page.TraceHigh[row])
            {
                return true;
            }
        }

        found = -1;
        return false;
    }

    private int SlotOf(ulong spanId) => (int)((spanId * 0x9E37_79B9_7F4A_7C15) >> 40) & (_slots.Length - 1);
}
