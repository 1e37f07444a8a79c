using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.History;

namespace Flyball.Pipelines.VirtualSeries;

/// <summary>Which samples follow from how a run or an attempt went.</summary>
internal static class Courses
{
    /// <summary>How long a failure stays of interest if nothing comes after it.</summary>
    public const long FailureMs = 60 * 60 * 1000;

    /// <summary>How long an "all is well again" is told.</summary>
    private const long HealedMs = 5 * 60 * 1000;

    /// <summary>How long it took, at its end.</summary>
    public static Stretch? Duration(in Course course)
    {
        if (course.FinishedAt is not { } end || course.Result == RunResult.Skip || course.Seconds is not { } seconds)
        {
            return null;
        }

        var at = Seen(end, course.EndKnownAt);
        return new Stretch(at, at, seconds);
    }

    /// <summary>1 from the end of a bad run, 0 from the end of a good one, for a while.</summary>
    public static Stretch? Failed(in Course course)
    {
        if (course is not { FinishedAt: { } end, Result: { } result } || result == RunResult.Skip)
        {
            return null;
        }

        var at = Seen(end, course.EndKnownAt);
        return result.IsBad() ? new Stretch(at, at + FailureMs, 1) : new Stretch(at, at + HealedMs, 0);
    }

    /// <summary>1 from the end of a failed attempt, 0 from the end of a good one after it; nothing for a task that never failed.</summary>
    /// <param name="attempts">The attempts of one task.</param>
    public static List<Stretch> Failing(IEnumerable<TaskCourse> attempts)
    {
        var stretches = new List<Stretch>();
        foreach (var (_, _, course) in attempts
            .Where(t => t.Course.FinishedAt is not null && !t.SoftFail).OrderBy(t => t.Attempt).ThenBy(t => t.Course.FinishedAt!.Value.Value))
        {
            if (!course.IsBad && (course.Result != RunResult.Success || stretches.Count == 0))
            {
                continue;
            }

            var at = Seen(course.FinishedAt!.Value, course.EndKnownAt);
            if (stretches.Count > 0)
            {
                // Attempts that overlap or whose clocks disagree still give rising times.
                at = Math.Max(at, stretches[^1].From + 1);
                stretches[^1] = stretches[^1] with { Until = Math.Min(stretches[^1].Until, at) };
            }

            stretches.Add(course.IsBad ? new Stretch(at, at + FailureMs, 1) : new Stretch(at, at + HealedMs, 0));
        }

        return stretches;
    }

    // A sender's clock may be ahead of ours; a sample in the future would not be found by the rule that its arrival wakes.
    private static long Seen(TimestampNs end, TimestampNs? knownAt) =>
        Math.Min(end.ToMs().Value, knownAt is { } known ? known.ToMs().Value : long.MaxValue);
}
