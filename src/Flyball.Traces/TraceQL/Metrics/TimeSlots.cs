namespace Flyball.Traces.TraceQL.Metrics;

/// <summary>The points in time of a metrics query; a span counts in the first slot that does not end before its start.</summary>
/// <param name="FirstNs">Stamp of the first slot, nanoseconds.</param>
/// <param name="StepNs">Distance of the stamps, and the time each slot covers up to and including its stamp.</param>
/// <param name="Count">Number of slots.</param>
internal readonly record struct TimeSlots(ulong FirstNs, ulong StepNs, int Count)
{
    private const int Most = 11_000;

    /// <summary>Slots over a range: its start rounded down to a step, its end up.</summary>
    /// <exception cref="TraceQLException">There would be too many.</exception>
    public static TimeSlots Of(ulong fromNs, ulong untilNs, ulong stepNs)
    {
        var first = fromNs / stepNs * stepNs;
        var count = ((untilNs - first + stepNs - 1) / stepNs) + 1;
        return count <= Most
            ? new TimeSlots(first, stepNs, (int)count)
            : throw new TraceQLException($"the query has {count} steps; {Most} are the most: choose a longer step or a shorter range");
    }

    /// <summary>One slot over a whole range, for instant queries.</summary>
    public static TimeSlots Single(ulong fromNs, ulong untilNs) => new(untilNs, Math.Max(1, untilNs - fromNs), 1);

    /// <summary>The first start that counts.</summary>
    public ulong EarliestStart => FirstNs > StepNs ? FirstNs - StepNs + 1 : 0;

    /// <summary>The last start that counts.</summary>
    public ulong LatestStart => FirstNs + (StepNs * (ulong)(Count - 1));

    /// <summary>The slot a start counts in, or -1.</summary>
    public int SlotOf(ulong startNs) => startNs < EarliestStart || startNs > LatestStart ? -1
        : startNs <= FirstNs ? 0
        : (int)((startNs - FirstNs + StepNs - 1) / StepNs);

    /// <summary>The stamp of a slot in milliseconds.</summary>
    public long StampMs(int slot) => (long)((FirstNs + (StepNs * (ulong)slot)) / 1_000_000);
}
