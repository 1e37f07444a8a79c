using System.Globalization;
using Flyball.Configuration;

namespace Flyball.Alerting.Routing.TimeIntervals;

/// <summary>Reads time intervals; the texts of its problems are Alertmanager's.</summary>
internal static class TimeIntervalReader
{
    private static readonly string[] Weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    private static readonly string[] Months =
    [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    ];

    public static TimeInterval Read(YamlSection section)
    {
        var interval = new TimeInterval
        {
            Minutes = [.. section.Sections("times").Select(ReadTimes).OfType<ValueRange>()],
            Weekdays = ReadRanges(section, "weekdays", WeekdayRange),
            DaysOfMonth = ReadRanges(section, "days_of_month", DayRange),
            Months = ReadRanges(section, "months", MonthRange),
            Years = ReadRanges(section, "years", YearRange),
            Location = ReadLocation(section),
        };
        section.Finish();
        return interval;
    }

    public static ValueRange? ReadTimes(YamlSection section)
    {
        var (start, end) = (section.Text("start_time") ?? "", section.Text("end_time") ?? "");
        section.Finish();
        if (start.Length == 0 || end.Length == 0)
        {
            section.Report("both start and end times must be provided");
            return null;
        }

        if (!TryMinute(start, out var first) || !TryMinute(end, out var last))
        {
            var wrong = TryMinute(start, out _) ? end : start;
            section.Report($"couldn't parse timestamp {wrong}, invalid format");
            return null;
        }

        if (first >= last)
        {
            section.Report("start time cannot be equal or greater than end time");
            return null;
        }

        return new ValueRange(first, last);
    }

    private static List<ValueRange> ReadRanges(YamlSection section, string key, Func<string, string, ValueRange> read)
    {
        var ranges = new List<ValueRange>();
        foreach (var text in section.Texts(key))
        {
            var parts = text.ToLowerInvariant().Split(':');
            try
            {
                ranges.Add(parts.Length > 2
                    ? throw new FormatException($"couldn't parse range {text}, invalid format")
                    : read(parts[0].Trim(), parts[^1].Trim()));
            }
            catch (FormatException e)
            {
                section.Report(key, e.Message);
            }
        }

        return ranges;
    }

    private static ValueRange WeekdayRange(string first, string last)
    {
        var range = new ValueRange(Weekday(first), Weekday(last));
        return range.First <= range.Last ? range : throw new FormatException("start day cannot be before end day");
    }

    private static int Weekday(string text) =>
        Array.IndexOf(Weekdays, text) is >= 0 and var day ? day : throw new FormatException($"{text} is not a valid weekday");

    private static ValueRange DayRange(string first, string last)
    {
        var range = new ValueRange(Day(first), Day(last));
        if (range.First < 0 && range.Last > 0)
        {
            throw new FormatException("end day must be negative if start day is negative");
        }

        // In the longest month, as nothing is known about the actual one.
        var end = range.Last < 0 && range.First > 0 ? range.Last + 31 + 1 : range.Last;
        if (range.First > 0 && range.Last < 0 && end < range.First)
        {
            throw new FormatException($"end day {range.Last} is always before start day {range.First}");
        }

        return range.First <= end ? range : throw new FormatException($"end day {range.Last} is before start day {range.First}");
    }

    private static int Day(string text)
    {
        var day = Number(text);
        return day is 0 or < -31 or > 31 ? throw new FormatException($"{text} is not a valid day of the month: out of range") : day;
    }

    private static ValueRange MonthRange(string first, string last)
    {
        var range = new ValueRange(Month(first), Month(last));
        return range.First <= range.Last ? range
            : throw new FormatException($"end month {last} is before start month {first}");
    }

    private static int Month(string text)
    {
        var named = Array.IndexOf(Months, text) + 1;
        if (named > 0)
        {
            return named;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var month) && month is >= 1 and <= 12
            ? month
            : throw new FormatException($"{text} is not a valid month");
    }

    private static ValueRange YearRange(string first, string last)
    {
        var range = new ValueRange(Number(first), Number(last));
        return range.First <= range.Last ? range : throw new FormatException($"end year {last} is before start year {first}");
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new FormatException($"{text} is not a number");

    private static TimeZoneInfo ReadLocation(YamlSection section)
    {
        var name = section.Text("location") ?? "UTC";
        if (name == "Local")
        {
            return TimeZoneInfo.Local;
        }

        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
        {
            return zone;
        }

        section.Report("location", $"unknown time zone {name}; write a name like Europe/Berlin, and see that the system has its time zones installed");
        return TimeZoneInfo.Utc;
    }

    // "24:00" is the end of the day, and only "00" to "59" are minutes.
    private static bool TryMinute(string text, out int minute)
    {
        minute = 0;
        if (text.Length != 5 || text[2] != ':'
            || !int.TryParse(text.AsSpan(0, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var hours)
            || !int.TryParse(text.AsSpan(3, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var minutes))
        {
            return false;
        }

        minute = (hours * 60) + minutes;
        return minutes < 60 && minute <= 24 * 60;
    }
}
