namespace Flyball.Model.Time;

/// <summary>A length of time: whole milliseconds, may be negative (offsets are).</summary>
public readonly record struct DurationMs(long Value) : IComparable<DurationMs>
{
    /// <summary>No time at all.</summary>
    public static readonly DurationMs Zero;

    /// <summary>From the framework's type, cut to milliseconds.</summary>
    public static DurationMs From(TimeSpan span) => new(span.Ticks / TimeSpan.TicksPerMillisecond);

    /// <summary>Whole seconds.</summary>
    public static DurationMs FromSeconds(long seconds) => new(checked(seconds * 1000));

    /// <summary>As the framework's type.</summary>
    public TimeSpan ToTimeSpan() => TimeSpan.FromMilliseconds(Value);

    /// <summary>In seconds, as PromQL and the HTTP APIs write durations.</summary>
    public double ToSeconds() => Value / 1000.0;

    /// <inheritdoc />
    public int CompareTo(DurationMs other) => Value.CompareTo(other.Value);

    /// <summary>Compares lengths.</summary>
    public static bool operator <(DurationMs a, DurationMs b) => a.Value < b.Value;

    /// <summary>Compares lengths.</summary>
    public static bool operator >(DurationMs a, DurationMs b) => a.Value > b.Value;

    /// <summary>Compares lengths.</summary>
    public static bool operator <=(DurationMs a, DurationMs b) => a.Value <= b.Value;

    /// <summary>Compares lengths.</summary>
    public static bool operator >=(DurationMs a, DurationMs b) => a.Value >= b.Value;
}
