namespace Flyball.Durable.Log;

/// <summary>A place in a write-ahead log: rising with every record, across restarts too.</summary>
/// <param name="Segment">Number of the segment file, from 1.</param>
/// <param name="Offset">Byte in that file.</param>
public readonly record struct LogPosition(long Segment, long Offset) : IComparable<LogPosition>
{
    /// <inheritdoc />
    public int CompareTo(LogPosition other)
    {
        var order = Segment.CompareTo(other.Segment);
        return order != 0 ? order : Offset.CompareTo(other.Offset);
    }

    /// <summary>Orders by place.</summary>
    public static bool operator <(LogPosition a, LogPosition b) => a.CompareTo(b) < 0;

    /// <summary>Orders by place.</summary>
    public static bool operator >(LogPosition a, LogPosition b) => a.CompareTo(b) > 0;

    /// <summary>Orders by place.</summary>
    public static bool operator <=(LogPosition a, LogPosition b) => a.CompareTo(b) <= 0;

    /// <summary>Orders by place.</summary>
    public static bool operator >=(LogPosition a, LogPosition b) => a.CompareTo(b) >= 0;
}
