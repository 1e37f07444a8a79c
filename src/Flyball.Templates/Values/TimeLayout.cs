using System.Globalization;
using System.Text;

namespace Flyball.Templates.Values;

/// <summary>Go's time layouts: a sample time (Mon Jan 2 15:04:05 MST 2006) stands for the form.</summary>
internal static class TimeLayout
{
    // Longer elements before their prefixes.
    private static readonly string[] Elements =
    [
        "January", "Jan", "Monday", "Mon", "MST", "2006", "-07:00:00", "-07:00", "-070000", "-0700", "-07",
        "Z07:00:00", "Z07:00", "Z070000", "Z0700", "Z07", "002", "01", "02", "03", "04", "05", "06", "15", "PM", "pm",
        "__2", "_2006", "_2", "1", "2", "3", "4", "5",
    ];

    public static string Format(GoTime time, string layout)
    {
        var text = new StringBuilder();
        for (var at = 0; at < layout.Length;)
        {
            if (TryFraction(time.Value, layout, at, text, out var length))
            {
                at += length;
                continue;
            }

            var element = Array.Find(Elements, e => string.CompareOrdinal(layout, at, e, 0, e.Length) == 0 && !IsWord(layout, at, e));
            if (element is null)
            {
                text.Append(layout[at++]);
                continue;
            }

            text.Append(Element(time, element));
            at += element.Length;
        }

        return text.ToString();
    }

    /// <summary>Reads a time written in a layout; what the layout does not give is taken from the start of year 1, UTC.</summary>
    public static bool TryParse(string layout, string text, out GoTime time)
    {
        var format = new StringBuilder();
        for (var at = 0; at < layout.Length;)
        {
            var element = Array.Find(Elements, e => string.CompareOrdinal(layout, at, e, 0, e.Length) == 0);
            var pattern = element is null ? null : Pattern(element);
            if (pattern is not null)
            {
                format.Append(pattern);
                at += element!.Length;
                continue;
            }

            format.Append('\\').Append(layout[at++]);
        }

        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.NoCurrentDateDefault;
        var isRead = DateTime.TryParseExact(text, format.ToString(), CultureInfo.InvariantCulture, Utc, out var value);
        time = new GoTime(new DateTimeOffset(value, TimeSpan.Zero));
        return isRead;
    }

    // The framework's pattern for an element, where it has one.
    private static string? Pattern(string element) => element switch
    {
        "January" => "MMMM",
        "Jan" => "MMM",
        "01" => "MM",
        "1" => "M",
        "Monday" => "dddd",
        "Mon" => "ddd",
        "02" => "dd",
        "2" or "_2" => "d",
        "2006" => "yyyy",
        "06" => "yy",
        "15" => "HH",
        "03" => "hh",
        "3" => "h",
        "04" => "mm",
        "4" => "m",
        "05" => "ss",
        "5" => "s",
        "PM" => "tt",
        "Z07:00" or "-07:00" => "zzz",
        _ => null,
    };

    // "Janet" is no month: Go takes the short forms only when no lower-case letter follows.
    private static bool IsWord(string layout, int at, string element) =>
        element is "Jan" or "Mon" && at + 3 < layout.Length && char.IsAsciiLetterLower(layout[at + 3]);

    private static bool TryFraction(DateTimeOffset time, string layout, int at, StringBuilder text, out int length)
    {
        length = 0;
        if (layout[at] is not ('.' or ',') || at + 1 >= layout.Length || layout[at + 1] is not ('0' or '9'))
        {
            return false;
        }

        var digit = layout[at + 1];
        var end = at + 1;
        while (end < layout.Length && layout[end] == digit)
        {
            end++;
        }

        if (end < layout.Length && char.IsAsciiDigit(layout[end]))
        {
            return false;
        }

        length = end - at;
        var digits = (time.Ticks % TimeSpan.TicksPerSecond * 100).ToString("D9", CultureInfo.InvariantCulture);
        digits = length - 1 < 9 ? digits[..(length - 1)] : digits;
        digits = digit == '9' ? digits.TrimEnd('0') : digits;
        if (digits.Length > 0)
        {
            text.Append(layout[at]).Append(digits);
        }

        return true;
    }

    private static string Element(GoTime time, string element)
    {
        var t = time.Value;
        var hour12 = t.Hour % 12 == 0 ? 12 : t.Hour % 12;
        return element switch
        {
            "January" => t.ToString("MMMM", CultureInfo.InvariantCulture),
            "Jan" => t.ToString("MMM", CultureInfo.InvariantCulture),
            "01" => t.Month.ToString("00"),
            "1" => t.Month.ToString(),
            "Monday" => t.DayOfWeek.ToString(),
            "Mon" => t.DayOfWeek.ToString()[..3],
            "02" => t.Day.ToString("00"),
            "_2" => t.Day.ToString().PadLeft(2),
            "2" => t.Day.ToString(),
            "002" => t.DayOfYear.ToString("000"),
            "__2" => t.DayOfYear.ToString().PadLeft(3),
            "2006" => t.Year.ToString("0000"),
            "_2006" => "_" + t.Year.ToString("0000"),
            "06" => (t.Year % 100).ToString("00"),
            "15" => t.Hour.ToString("00"),
            "03" => hour12.ToString("00"),
            "3" => hour12.ToString(),
            "04" => t.Minute.ToString("00"),
            "4" => t.Minute.ToString(),
            "05" => t.Second.ToString("00"),
            "5" => t.Second.ToString(),
            "PM" => t.Hour < 12 ? "AM" : "PM",
            "pm" => t.Hour < 12 ? "am" : "pm",
            "MST" => time.Zone,
            _ => Offset(t.Offset, element),
        };
    }

    private static string Offset(TimeSpan offset, string element)
    {
        if (element[0] == 'Z' && offset == TimeSpan.Zero)
        {
            return "Z";
        }

        var size = offset.Duration();
        var separator = element.Contains(':') ? ":" : "";
        var text = (offset < TimeSpan.Zero ? "-" : "+") + size.Hours.ToString("00");
        var parts = (element.Length - 1 - element.Count(c => c == ':')) / 2;
        text += parts > 1 ? separator + size.Minutes.ToString("00") : "";
        return text + (parts > 2 ? separator + size.Seconds.ToString("00") : "");
    }
}
