using System.Globalization;

namespace Flyball.Templates.Values;

/// <summary>A length of time as templates see it: nanoseconds, with the methods of Go's <c>time.Duration</c>.</summary>
public sealed record GoDuration(long Nanoseconds) : ITemplateObject
{
    private const long Second = 1_000_000_000;

    /// <inheritdoc />
    public string TypeName => "time.Duration";

    /// <summary>From the framework's type.</summary>
    public static GoDuration From(TimeSpan span) => new(span.Ticks * 100);

    /// <inheritdoc />
    public bool TryGetMember(string name, out object? member)
    {
        member = name switch
        {
            "String" => Method(_ => ToString()),
            "Seconds" => Method(_ => Nanoseconds / (double)Second),
            "Minutes" => Method(_ => Nanoseconds / (60.0 * Second)),
            "Hours" => Method(_ => Nanoseconds / (3600.0 * Second)),
            "Milliseconds" => Method(_ => Nanoseconds / 1_000_000),
            "Microseconds" => Method(_ => Nanoseconds / 1_000),
            "Nanoseconds" => Method(_ => Nanoseconds),
            "Abs" => Method(_ => new GoDuration(Math.Abs(Nanoseconds))),
            "Truncate" => new TemplateFunction(1, 1, c => Truncate(c.Value<GoDuration>(0, TypeName))),
            "Round" => new TemplateFunction(1, 1, c => Round(c.Value<GoDuration>(0, TypeName))),
            _ => null,
        };
        return member is not null;
    }

    /// <summary>As Go writes it: <c>1h30m0s</c>, <c>1.5ms</c>, <c>0s</c>.</summary>
    public override string ToString()
    {
        if (Nanoseconds == 0)
        {
            return "0s";
        }

        var sign = Nanoseconds < 0 ? "-" : "";
        var size = (ulong)Math.Abs((decimal)Nanoseconds);
        if (size < Second)
        {
            var (unit, per) = size switch { < 1_000 => ("ns", 1m), < 1_000_000 => ("µs", 1_000m), _ => ("ms", 1_000_000m) };
            return sign + (size / per).ToString("0.######", CultureInfo.InvariantCulture) + unit;
        }

        var seconds = (size % (60 * Second) / (decimal)Second).ToString("0.#########", CultureInfo.InvariantCulture);
        var minutes = size / (60UL * Second);
        var hours = minutes / 60;
        var text = minutes == 0 ? seconds + "s" : $"{minutes % 60}m{seconds}s";
        return hours == 0 ? sign + text : $"{sign}{hours}h{text}";
    }

    private GoDuration Truncate(GoDuration unit) =>
        unit.Nanoseconds <= 0 ? this : new(Nanoseconds - (Nanoseconds % unit.Nanoseconds));

    private GoDuration Round(GoDuration unit) => unit.Nanoseconds <= 0
        ? this
        : new((long)Math.Round(Nanoseconds / (decimal)unit.Nanoseconds, MidpointRounding.AwayFromZero) * unit.Nanoseconds);

    private static TemplateFunction Method(TemplateFunctionBody body) => new(0, 0, body);
}
