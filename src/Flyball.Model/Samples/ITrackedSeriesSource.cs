using Flyball.Model.Time;

namespace Flyball.Model.Samples;

/// <summary>A source that can say what has not changed since a moment, so that answers made of it can be kept.</summary>
/// <remarks>Safe from many threads.</remarks>
public interface ITrackedSeriesSource : ISeriesSource
{
    /// <summary>A mark of this moment. Take it before reading.</summary>
    long Mark();

    /// <summary>The earliest time at which samples may differ from what was read after a mark was taken, because samples came, late
    /// ones too, or went.</summary>
    /// <returns><see cref="TimestampMs.Max"/> if nothing has changed. May be earlier than the truth, never later.</returns>
    TimestampMs ChangedSince(long mark);
}
