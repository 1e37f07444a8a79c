using System.Globalization;

namespace Flyball.Traces.TraceQL.Values;

/// <summary>Durations as Go writes them: <c>1.5s</c>, <c>1h2m3s</c>, <c>150µs</c>.</summary>
internal static class DurationText
{
    private const long Micro = 1_000, Milli = 1_000_000, Second = 1_000_000_000;

    public static string Format(long ns)
    {
        if (ns == 0)
        {
            return "0s";
        }

        var magnitude = ns < 0 ? (decimal)-(Int128)ns : ns;
        var text = magnitude < Micro ? $"{magnitude}ns"
            : magnitude < Milli ? Part(magnitude / Micro) + "µs"
            : magnitude < Second ? Part(magnitude / Milli) + "ms"
            : Long(magnitude);
        return ns < 0 ? "-" + text : text;
    }

    private static string Long(decimal ns)
    {
        var seconds = ns / Second;
        var hours = decimal.Floor(seconds / 3600);
        var minutes = decimal.Floor((seconds - (hours * 3600)) / 60);
        var rest = Part(seconds - (hours * 3600) - (minutes * 60)) + "s";
        return hours > 0 ? $"{hours}h{minutes}m{rest}" : minutes > 0 ? $"{minutes}m{rest}" : rest;
    }

    private static string Part(decimal value) => value.ToString("0.#########", CultureInfo.InvariantCulture);
}
