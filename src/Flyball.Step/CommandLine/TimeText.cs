using System.Globalization;

namespace Flyball.Step.CommandLine;

/// <summary>Reads a point in time as shells write it: <c>date +%s.%N</c> or RFC 3339.</summary>
internal static class TimeText
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Nanoseconds since the Unix epoch; null if the text is no time.</summary>
    public static long? Parse(string text) => ParseSeconds(text.Trim()) ?? ParseRfc3339(text.Trim());

    // By hand: a double keeps only a quarter of a microsecond of today's dates, and the same start must come out every time.
    private static long? ParseSeconds(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var whole = dot < 0 ? text : text[..dot];
        var fraction = dot < 0 ? "" : text[(dot + 1)..];
        if (!long.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds > long.MaxValue / NanosecondsPerSecond - 1 || fraction.Length > 9)
        {
            return null;
        }

        var nanoseconds = 0L;
        return fraction.Length == 0
            || long.TryParse(fraction.PadRight(9, '0'), NumberStyles.None, CultureInfo.InvariantCulture, out nanoseconds)
            ? (seconds * NanosecondsPerSecond) + nanoseconds
            : null;
    }

    private static long? ParseRfc3339(string text) =>
        text.Length >= 20 && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? (time - DateTimeOffset.UnixEpoch).Ticks * 100
            : null;
}
