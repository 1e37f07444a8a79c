using Flyball.Pipelines.History;

namespace Flyball.Pipelines.Questions;

/// <summary>One attempt on a critical path, and how long nothing led to it before.</summary>
/// <param name="Task">Which attempt of its row.</param>
/// <param name="GapNs">From the end of the one before, or the run's begin, to its own begin.</param>
internal readonly record struct PathPart(int Task, ulong FromNs, ulong UntilNs, ulong GapNs)
{
    public double Seconds => (UntilNs - FromNs) / 1e9;

    public double GapSeconds => GapNs / 1e9;
}

/// <summary>The attempts that a run's duration consists of.</summary>
/// <remarks>
/// CI systems tell when tasks ran, not what they waited for. So from the run's end backwards: what ended last before then; from its begin
/// backwards again; until nothing is before. What lies between is a gap: queueing, or work nobody told of. Attempts and gaps together are
/// exactly as long as the run.
/// </remarks>
internal static class CriticalPath
{
    /// <summary>Finds it, in order of time.</summary>
    /// <param name="now">Where what is going on ends.</param>
    /// <param name="lastGapNs">From the end of the last attempt to that of the run.</param>
    /// <param name="into">Gets cleared; so that many runs need one list.</param>
    public static void Find(RunRow row, ulong now, List<PathPart> into, out ulong lastGapNs)
    {
        into.Clear();
        var run = row.Course;
        var begin = run.StartedAt?.Value ?? row.Begin;
        var cursor = Math.Max(begin, run.FinishedAt?.Value ?? now);
        lastGapNs = cursor - begin;
        Span<(ulong From, ulong Until)> spans = row.TaskCount <= 64 ? stackalloc (ulong, ulong)[row.TaskCount] : new (ulong, ulong)[row.TaskCount];
        for (var task = 0; task < spans.Length; task++)
        {
            var (started, finished) = row.TaskTimes(task);
            spans[task] = (Math.Max(begin, started ?? ulong.MaxValue), Math.Min(finished ?? now, cursor));
        }

        while (LastBefore(spans, cursor) is var task and >= 0)
        {
            var (from, until) = spans[task];
            SetGap(into, cursor - until, ref lastGapNs);
            into.Add(new PathPart(task, from, until, from - begin));
            cursor = from;
        }

        into.Reverse();
    }

    // Of those that end together the longest; what takes no time leads nowhere.
    private static int LastBefore(ReadOnlySpan<(ulong From, ulong Until)> spans, ulong cursor)
    {
        var best = -1;
        for (var i = 0; i < spans.Length; i++)
        {
            var (from, until) = spans[i];
            if (from < until && until <= cursor && (best < 0 || until > spans[best].Until || (until == spans[best].Until && from < spans[best].From)))
            {
                best = i;
            }
        }

        return best;
    }

    private static void SetGap(List<PathPart> parts, ulong gap, ref ulong lastGap)
    {
        if (parts.Count == 0)
        {
            lastGap = gap;
        }
        else
        {
            parts[^1] = parts[^1] with { GapNs = gap };
        }
    }
}
