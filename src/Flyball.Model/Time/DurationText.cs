using System.Text;

namespace Flyball.Model.Time;

/// <summary>Durations as Prometheus writes them: <c>1h30m</c>, <c>15s</c>, <c>250ms</c>, <c>0</c>.</summary>
/// <remarks>Units y w d h m s ms in falling order, each at most once, whole numbers only. Prometheus documentation.</remarks>
public static class DurationText
{
    private static readonly (string Unit, long Ms)[] Units =
    [
        ("y", 365L * 24 * 3600 * 1000),
        ("w", 7L * 24 * 3600 * 1000),
        ("d", 24L * 3600 * 1000),
        ("h", 3600L * 1000),
        ("m", 60L * 1000),
        ("s", 1000),
        ("ms", 1),
    ];

    /// <summary>Reads a duration.</summary>
    /// <returns>False when the text is no duration or exceeds 64 bits of milliseconds.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out DurationMs duration)
    {
        duration = default;
        if (text is "0")
        {
            return true;
        }

        long total = 0;
        var nextUnit = 0;
        while (!text.IsEmpty)
        {
            var digits = text.IndexOfAnyExceptInRange('0', '9');
            if (digits <= 0 || !long.TryParse(text[..digits], out var count))
            {
                return false;
            }

            text = text[digits..];
            var letters = text.IndexOfAnyInRange('0', '9');
            var unit = letters < 0 ? text : text[..letters];
            while (nextUnit < Units.Length && !unit.SequenceEqual(Units[nextUnit].Unit))
            {
                nextUnit++;
            }

            if (nextUnit == Units.Length || count > (long.MaxValue - total) / Units[nextUnit].Ms)
            {
                return false;
            }

            total += count * Units[nextUnit++].Ms;
            text = text[unit.Length..];
        }

        duration = new DurationMs(total);
        return total > 0 || nextUnit > 0;
    }

    /// <summary>Writes a duration the shortest exact way; negative ones with a leading minus.</summary>
    public static string Format(DurationMs duration)
    {
        if (duration.Value == 0)
        {
            return "0s";
        }

        var text = new StringBuilder();
        var rest = duration.Value;
        if (rest < 0)
        {
            text.Append('-');
            rest = -rest;
        }

        foreach (var (unit, ms) in Units)
        {
            // Years and weeks only when nothing is left over: 8d reads better as 8d than as 1w1d.
            if (rest < ms || (unit is "y" or "w" && rest % ms != 0))
            {
                continue;
            }

            text.Append(rest / ms).Append(unit);
            rest %= ms;
        }

        return text.ToString();
    }
}
