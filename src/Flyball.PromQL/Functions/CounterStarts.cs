namespace Flyball.PromQL.Functions;

/// <summary>What the start timestamps of a counter's samples say about resets. Prometheus documentation, "Querying"; OpenTelemetry metrics data model.</summary>
internal static class CounterStarts
{
    /// <summary>Whether the counter was reset between two samples.</summary>
    public static bool IsReset(long previousStart, long previousTime, long start, long time)
    {
        if (start == 0 || start >= time || start < previousTime)
        {
            return false;
        }

        // A start at the previous sample means a delta, unless that sample says it never knew its own start.
        return start > previousTime || (previousStart != 0 && previousStart < previousTime);
    }

    /// <summary>The same, by index into a series' start times; false if they are unknown.</summary>
    public static bool IsReset(ReadOnlySpan<long> starts, ReadOnlySpan<long> times, int index) =>
        !starts.IsEmpty && IsReset(starts[index - 1], times[index - 1], starts[index], times[index]);

    /// <summary>Whether a start lies before the previous sample although it is another start than that sample's.</summary>
    public static bool Overlaps(ReadOnlySpan<long> starts, ReadOnlySpan<long> times, int from, int until)
    {
        for (var i = from + 1; i < until && !starts.IsEmpty; i++)
        {
            if (starts[i] != 0 && starts[i] < times[i - 1] && starts[i] != starts[i - 1])
            {
                return true;
            }
        }

        return false;
    }
}
