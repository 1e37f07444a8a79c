using Flyball.Templates.Values;

namespace Flyball.Templates.Functions;

/// <summary>Numbers for people, as Prometheus' templates write them.</summary>
internal static class HumanizeFunctions
{
    private static readonly string[] Large = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
    private static readonly string[] Small = ["m", "u", "n", "p", "f", "a", "z", "y"];
    private static readonly string[] Binary = ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];

    public static object Humanize(TemplateCall call)
    {
        var value = call.Number(0);
        if (value == 0 || !double.IsFinite(value))
        {
            return Four(value);
        }

        return Math.Abs(value) >= 1 ? Divide(value, 1000, Large) : Multiply(value);
    }

    public static object Humanize1024(TemplateCall call)
    {
        var value = call.Number(0);
        return Math.Abs(value) <= 1 || !double.IsFinite(value) ? Four(value) : Divide(value, 1024, Binary);
    }

    public static object HumanizePercentage(TemplateCall call) => Four(call.Number(0) * 100) + "%";

    public static object HumanizeDuration(TemplateCall call)
    {
        var value = call.Number(0);
        if (!double.IsFinite(value))
        {
            return Four(value);
        }

        if (value == 0)
        {
            return "0s";
        }

        if (Math.Abs(value) < 1)
        {
            return Multiply(value) + "s";
        }

        var sign = value < 0 ? "-" : "";
        value = Math.Abs(value);
        var seconds = (long)Math.Min(value, long.MaxValue / 2);
        var (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60);
        return sign + (days, hours, minutes) switch
        {
            (> 0, _, _) => $"{days}d {hours}h {minutes}m {seconds % 60}s",
            (_, > 0, _) => $"{hours}h {minutes}m {seconds % 60}s",
            (_, _, > 0) => $"{minutes}m {seconds % 60}s",
            _ => Four(value) + "s",
        };
    }

    public static object HumanizeTimestamp(TemplateCall call)
    {
        var value = call.Number(0);
        return double.IsFinite(value) ? ToTime(value).ToString() : Four(value);
    }

    public static GoTime ToTime(double seconds)
    {
        if (!double.IsFinite(seconds))
        {
            throw new TemplateFunctionException("value is NaN or Inf");
        }

        if (seconds * 1e9 is > long.MaxValue or < long.MinValue)
        {
            throw new TemplateFunctionException(
                $"{GoNumbers.FormatG(seconds)} cannot be represented as a nanoseconds timestamp since it overflows int64");
        }

        return new GoTime(DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1e9) / 1_000_000));
    }

    public static GoDuration ToDuration(double seconds)
    {
        if (!double.IsFinite(seconds))
        {
            throw new TemplateFunctionException("value is NaN or Inf");
        }

        return seconds * 1e9 is > long.MaxValue or < long.MinValue
            ? throw new TemplateFunctionException($"{GoNumbers.FormatG(seconds)} cannot be represented as a nanoseconds duration since it overflows int64")
            : new GoDuration((long)(seconds * 1e9));
    }

    private static string Four(double value) => GoNumbers.FormatG(value, 4, alternate: false);

    private static string Divide(double value, double by, string[] prefixes)
    {
        var prefix = "";
        foreach (var next in prefixes)
        {
            if (Math.Abs(value) < by)
            {
                break;
            }

            prefix = next;
            value /= by;
        }

        return Four(value) + prefix;
    }

    private static string Multiply(double value)
    {
        var prefix = "";
        foreach (var next in Small)
        {
            if (Math.Abs(value) >= 1)
            {
                break;
            }

            prefix = next;
            value *= 1000;
        }

        return Four(value) + prefix;
    }
}
