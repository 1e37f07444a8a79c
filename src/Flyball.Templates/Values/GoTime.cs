using System.Globalization;

namespace Flyball.Templates.Values;

/// <summary>A point in time as templates see it, with the methods of Go's <c>time.Time</c>.</summary>
/// <param name="Value">The point, at a resolution of 100 ns.</param>
/// <param name="Zone">The abbreviation of its time zone.</param>
public sealed record GoTime(DateTimeOffset Value, string Zone = "UTC") : ITemplateObject
{
    /// <summary>Go's zero time, which notifications use for "not yet".</summary>
    public static readonly GoTime Zero = new(DateTimeOffset.MinValue);

    /// <inheritdoc />
    public string TypeName => "time.Time";

    /// <inheritdoc />
    public bool TryGetMember(string name, out object? member)
    {
        member = Field(name) is { } value ? new TemplateFunction(0, 0, _ => value) : Method(name);
        return member is not null;
    }

    /// <summary>As Go writes it: <c>2006-01-02 15:04:05.999999999 -0700 MST</c>.</summary>
    public override string ToString() => TimeLayout.Format(this, "2006-01-02 15:04:05.999999999 -0700 MST");

    private object? Field(string name) => name switch
    {
        "String" => ToString(),
        "Unix" => Value.ToUnixTimeSeconds(),
        "UnixMilli" => Value.ToUnixTimeMilliseconds(),
        "UnixMicro" => (Value - DateTimeOffset.UnixEpoch).Ticks / 10,
        "UnixNano" => (Value - DateTimeOffset.UnixEpoch).Ticks * 100,
        "UTC" => new GoTime(Value.ToUniversalTime()),
        "Local" => new GoTime(Value.ToUniversalTime()),
        "IsZero" => Value == DateTimeOffset.MinValue,
        "Year" => (long)Value.Year,
        "Month" => new GoEnum("time.Month", Value.Month, CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(Value.Month)),
        "Weekday" => new GoEnum("time.Weekday", (int)Value.DayOfWeek, Value.DayOfWeek.ToString()),
        "Day" => (long)Value.Day,
        "YearDay" => (long)Value.DayOfYear,
        "Hour" => (long)Value.Hour,
        "Minute" => (long)Value.Minute,
        "Second" => (long)Value.Second,
        "Nanosecond" => Value.Ticks % TimeSpan.TicksPerSecond * 100,
        _ => null,
    };

    private TemplateFunction? Method(string name) => name switch
    {
        "Format" => new(1, 1, c => TimeLayout.Format(this, c.Text(0))),
        "Add" => new(1, 1, c => this with { Value = Value.AddTicks(c.Value<GoDuration>(0, "time.Duration").Nanoseconds / 100) }),
        "AddDate" => new(3, 3, c => this with
        {
            Value = Value.AddYears((int)c.Integer(0)).AddMonths((int)c.Integer(1)).AddDays(c.Integer(2)),
        }),
        "Sub" => new(1, 1, c => GoDuration.From(Value - Other(c).Value)),
        "Before" => new(1, 1, c => Value < Other(c).Value),
        "After" => new(1, 1, c => Value > Other(c).Value),
        "Equal" => new(1, 1, c => Value == Other(c).Value),
        "Truncate" => new(1, 1, c => this with
        {
            Value = Value.AddTicks(-(Value.Ticks % Math.Max(1, c.Value<GoDuration>(0, "time.Duration").Nanoseconds / 100))),
        }),
        _ => null,
    };

    private static GoTime Other(TemplateCall call) => call.Value<GoTime>(0, "time.Time");
}

/// <summary>A named number such as a month: prints its name, compares as its number.</summary>
internal sealed record GoEnum(string TypeName, long Number, string Name) : ITemplateObject
{
    public bool TryGetMember(string name, out object? member)
    {
        member = name == "String" ? new TemplateFunction(0, 0, _ => Name) : null;
        return member is not null;
    }

    public override string ToString() => Name;
}
