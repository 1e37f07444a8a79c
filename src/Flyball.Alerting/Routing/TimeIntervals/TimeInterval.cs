namespace Flyball.Alerting.Routing.TimeIntervals;

/// <summary>When, in a calendar: every part that is given must match. Source: Alertmanager documentation, "Configuration".</summary>
public sealed record TimeInterval
{
    /// <summary>Minutes of the day; the end is outside. Empty = all day.</summary>
    public IReadOnlyList<ValueRange> Minutes { get; init; } = [];

    /// <summary>Days of the week, 0 = Sunday. Empty = every day.</summary>
    public IReadOnlyList<ValueRange> Weekdays { get; init; } = [];

    /// <summary>Days of the month from 1; negative ones count from the end, -1 = the last. Empty = every day.</summary>
    public IReadOnlyList<ValueRange> DaysOfMonth { get; init; } = [];

    /// <summary>Months, 1 = January. Empty = every month.</summary>
    public IReadOnlyList<ValueRange> Months { get; init; } = [];

    /// <summary>Years. Empty = every year.</summary>
    public IReadOnlyList<ValueRange> Years { get; init; } = [];

    /// <summary>Whose clock and calendar.</summary>
    public TimeZoneInfo Location { get; init; } = TimeZoneInfo.Utc;

    /// <summary>Whether the point in time is inside.</summary>
    public bool Contains(DateTimeOffset at)
    {
        var local = TimeZoneInfo.ConvertTime(at, Location);
        var minute = (local.Hour * 60) + local.Minute;
        return IsIn(Years, local.Year)
            && IsIn(Months, local.Month)
            && ContainsDay(local)
            && IsIn(Weekdays, (int)local.DayOfWeek)
            && (Minutes.Count == 0 || Minutes.Any(r => r.First <= minute && minute < r.Last));
    }

    private static bool IsIn(IReadOnlyList<ValueRange> ranges, int value) =>
        ranges.Count == 0 || ranges.Any(r => r.First <= value && value <= r.Last);

    private bool ContainsDay(DateTimeOffset local)
    {
        var days = DateTime.DaysInMonth(local.Year, local.Month);
        return DaysOfMonth.Count == 0 || DaysOfMonth.Any(r =>
        {
            var first = r.First < 0 ? days + r.First + 1 : r.First;
            var last = r.Last < 0 ? days + r.Last + 1 : r.Last;
            // "30:31" means no day of February: a range that begins after the month's end is not clamped into it.
            return first <= days && Math.Clamp(first, 1, days) <= local.Day && local.Day <= Math.Clamp(last, 1, days);
        });
    }
}

/// <summary>From a value to a value, both inside unless said otherwise.</summary>
public readonly record struct ValueRange(int First, int Last);
