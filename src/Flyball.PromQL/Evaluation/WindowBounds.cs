namespace Flyball.PromQL.Evaluation;

/// <summary>Which samples fall into the window of each step: (start, end], found for all steps in one pass.</summary>
internal sealed class WindowBounds
{
    private int[] _from = [];
    private int[] _until = [];
    private int _version;

    /// <summary>Per step the index of the first sample inside.</summary>
    public ReadOnlySpan<int> From => _from;

    /// <summary>Per step the index behind the last sample inside.</summary>
    public ReadOnlySpan<int> Until => _until;

    /// <summary>Samples in all windows together.</summary>
    public long Touched { get; private set; }

    /// <summary>As the other one, unless the times are those of the last call.</summary>
    public void Compute(ReadOnlySpan<long> times, int version, StepGrid grid, SelectorTiming timing, long beforeMs, long afterMs)
    {
        if (version != _version)
        {
            Compute(times, grid, timing, beforeMs, afterMs);
            _version = version;
        }
    }

    /// <summary>Computes the windows that end, for each step, at its reference time plus some more.</summary>
    public void Compute(ReadOnlySpan<long> times, StepGrid grid, SelectorTiming timing, long beforeMs, long afterMs)
    {
        if (_from.Length != grid.Count)
        {
            _from = new int[grid.Count];
            _until = new int[grid.Count];
        }

        int from = 0, until = 0;
        long touched = 0;
        var froms = _from.AsSpan(0, grid.Count);
        var untils = _until.AsSpan(0, froms.Length);
        var end = timing.ReferenceOf(grid.StartMs) + afterMs;
        var start = timing.ReferenceOf(grid.StartMs) - beforeMs;
        var distance = timing.DistanceOf(grid);
        for (var step = 0; step < froms.Length; step++, end += distance, start += distance)
        {
            while ((uint)until < (uint)times.Length && times[until] <= end)
            {
                until++;
            }

            while (from < until && times[from] <= start)
            {
                from++;
            }

            froms[step] = from;
            untils[step] = until;
            touched += until - from;
        }

        Touched = touched;
    }

    /// <summary>The samples in one window (start, end].</summary>
    public static (int From, int Until) Find(ReadOnlySpan<long> times, long start, long end) =>
        (FirstAtOrAfter(times, 0, times.Length, start + 1), FirstAtOrAfter(times, 0, times.Length, end + 1));

    /// <summary>The first index in a stretch whose time is not before another.</summary>
    public static int FirstAtOrAfter(ReadOnlySpan<long> times, int from, int until, long time)
    {
        while (from < until)
        {
            var middle = (from + until) >>> 1;
            if (times[middle] < time)
            {
                from = middle + 1;
            }
            else
            {
                until = middle;
            }
        }

        return from;
    }
}
