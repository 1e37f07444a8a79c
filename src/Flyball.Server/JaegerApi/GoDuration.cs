using System.Buffers;
using System.Globalization;

namespace Flyball.Server.JaegerApi;

/// <summary>Durations as Go programs write them: <c>1.5s</c>, <c>1h30m</c>, <c>200ms</c>, <c>0</c>.</summary>
internal static class GoDuration
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    private static readonly (string Unit, double Ticks)[] Units =
        [("ns", 0.01), ("us", 10), ("µs", 10), ("μs", 10), ("ms", 1e4), ("s", 1e7), ("m", 60e7), ("h", 3600e7)];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var rest = text.AsSpan();
        double ticks = 0;
        while (!rest.IsEmpty && text != "0")
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            var letters = rest.IndexOfAny(Digits);
            var unit = letters < 0 ? rest : rest[..letters];
            var known = Find(unit);
            if (known < 0)
            {
                return false;
            }

            ticks += number * Units[known].Ticks;
            rest = rest[unit.Length..];
        }

        if (text.Length == 0 || ticks > TimeSpan.MaxValue.Ticks / 200.0)
        {
            return false;
        }

        duration = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    private static int Find(ReadOnlySpan<char> unit)
    {
        for (var i = 0; i < Units.Length; i++)
        {
            if (unit.SequenceEqual(Units[i].Unit))
            {
                return i;
            }
        }

        return -1;
    }
}
