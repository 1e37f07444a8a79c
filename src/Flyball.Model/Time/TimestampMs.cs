namespace Flyball.Model.Time;

/// <summary>A point in time: whole milliseconds since the Unix epoch, UTC. Any 64-bit value is legal.</summary>
/// <remarks>The resolution of Prometheus' storage and protocols. Spans have <see cref="TimestampNs"/>.</remarks>
public readonly record struct TimestampMs(long Value) : IComparable<TimestampMs>
{
    /// <summary>The earliest and the latest representable time.</summary>
    public static readonly TimestampMs Min = new(long.MinValue), Max = new(long.MaxValue);

    /// <summary>The clock's present, cut to milliseconds.</summary>
    public static TimestampMs Now(TimeProvider time) => new(time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>From the framework's type, cut to milliseconds.</summary>
    public static TimestampMs From(DateTimeOffset time) => new(time.ToUnixTimeMilliseconds());

    /// <summary>As the framework's type; values outside years 1 to 9999 are clamped.</summary>
    public DateTimeOffset ToDateTimeOffset() => DateTimeOffset.FromUnixTimeMilliseconds(
        Math.Clamp(Value, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));

    /// <summary>Seconds since the epoch, as the HTTP APIs write them.</summary>
    public double ToSeconds() => Value / 1000.0;

    /// <inheritdoc />
    public int CompareTo(TimestampMs other) => Value.CompareTo(other.Value);

    /// <summary>The time between two points.</summary>
    public static DurationMs operator -(TimestampMs end, TimestampMs start) => new(checked(end.Value - start.Value));

    /// <summary>A later point.</summary>
    public static TimestampMs operator +(TimestampMs start, DurationMs by) => new(checked(start.Value + by.Value));

    /// <summary>An earlier point.</summary>
    public static TimestampMs operator -(TimestampMs end, DurationMs by) => new(checked(end.Value - by.Value));

    /// <summary>Orders in time.</summary>
    public static bool operator <(TimestampMs a, TimestampMs b) => a.Value < b.Value;

    /// <summary>Orders in time.</summary>
    public static bool operator >(TimestampMs a, TimestampMs b) => a.Value > b.Value;

    /// <summary>Orders in time.</summary>
    public static bool operator <=(TimestampMs a, TimestampMs b) => a.Value <= b.Value;

    /// <summary>Orders in time.</summary>
    public static bool operator >=(TimestampMs a, TimestampMs b) => a.Value >= b.Value;

    /// <summary>RFC 3339 with milliseconds, e.g. <c>2026-01-05T12:00:00.000Z</c>.</summary>
    public override string ToString() => ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'");
}
