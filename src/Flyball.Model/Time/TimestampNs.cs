namespace Flyball.Model.Time;

/// <summary>A point in time: whole nanoseconds since the Unix epoch, UTC; what OpenTelemetry sends. 0 means "not given".</summary>
public readonly record struct TimestampNs(ulong Value) : IComparable<TimestampNs>
{
    /// <summary>Nanoseconds in a millisecond.</summary>
    public const ulong PerMs = 1_000_000;

    /// <summary>The clock's present at the resolution the platform has (100 ns).</summary>
    public static TimestampNs Now(TimeProvider time) => From(time.GetUtcNow());

    /// <summary>From the framework's type; times before 1970 become 0.</summary>
    public static TimestampNs From(DateTimeOffset time) =>
        new((ulong)Math.Max(0, (time - DateTimeOffset.UnixEpoch).Ticks) * 100);

    /// <summary>From milliseconds; times before 1970 become 0.</summary>
    public static TimestampNs From(TimestampMs time) => new((ulong)Math.Max(0, time.Value) * PerMs);

    /// <summary>Cut to milliseconds.</summary>
    public TimestampMs ToMs() => new((long)(Value / PerMs));

    /// <inheritdoc />
    public int CompareTo(TimestampNs other) => Value.CompareTo(other.Value);

    /// <summary>Orders in time.</summary>
    public static bool operator <(TimestampNs a, TimestampNs b) => a.Value < b.Value;

    /// <summary>Orders in time.</summary>
    public static bool operator >(TimestampNs a, TimestampNs b) => a.Value > b.Value;

    /// <summary>Orders in time.</summary>
    public static bool operator <=(TimestampNs a, TimestampNs b) => a.Value <= b.Value;

    /// <summary>Orders in time.</summary>
    public static bool operator >=(TimestampNs a, TimestampNs b) => a.Value >= b.Value;
}
