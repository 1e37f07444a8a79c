using System.Text;

namespace Flyball.PromQL.Syntax;

/// <summary>Durations as Prometheus writes them: <c>1h30m</c>, units from years to milliseconds in falling order.</summary>
internal static class DurationText
{
    private static readonly (string Unit, long Ms)[] Units =
    [
        ("y", 365L * 24 * 3600 * 1000), ("w", 7L * 24 * 3600 * 1000), ("d", 24L * 3600 * 1000),
        ("h", 3600L * 1000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ];

    // Go counts durations in nanoseconds of 64 bits.
    private const long MostMs = long.MaxValue / 1_000_000;

    /// <summary>Reads a duration.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? TryParse(string text, out long ms)
    {
        ms = 0;
        if (text.Length == 0)
        {
            return "empty duration string";
        }

        if (text == "0")
        {
            return null;
        }

        var lastUnit = -1;
        Int128 total = 0;
        for (var i = 0; i < text.Length;)
        {
            var digits = CountWhile(text, i, digit: true);
            var unitLength = CountWhile(text, i + digits, digit: false);
            if (digits == 0 || unitLength == 0 || !Int128.TryParse(text.AsSpan(i, digits), out var value))
            {
                return "not a valid duration string: " + GoQuoting.Quote(text);
            }

            var unitText = text.Substring(i + digits, unitLength);
            var unit = Array.FindIndex(Units, u => u.Unit == unitText);
            if (unit < 0)
            {
                return $"unknown unit {GoQuoting.Quote(unitText)} in duration {GoQuoting.Quote(text)}";
            }

            if (unit <= lastUnit)
            {
                return "not a valid duration string: " + GoQuoting.Quote(text);
            }

            lastUnit = unit;
            total += value * Units[unit].Ms;
            if (total > MostMs)
            {
                return "duration out of range";
            }

            i += digits + unitLength;
        }

        ms = (long)total;
        return null;
    }

    /// <summary>Writes a duration; years, weeks and days only where nothing smaller remains.</summary>
    public static string Format(long ms)
    {
        if (ms == 0)
        {
            return "0s";
        }

        var text = new StringBuilder();
        var rest = ms;
        foreach (var (unit, size) in Units)
        {
            var exactOnly = unit is "y" or "w";
            if (exactOnly && (rest % size != 0))
            {
                continue;
            }

            var count = rest / size;
            if (count > 0)
            {
                text.Append(count).Append(unit);
                rest -= count * size;
            }
        }

        return text.ToString();
    }

    private static int CountWhile(string text, int at, bool digit)
    {
        var end = at;
        while (end < text.Length && char.IsAsciiDigit(text[end]) == digit)
        {
            end++;
        }

        return end - at;
    }
}
