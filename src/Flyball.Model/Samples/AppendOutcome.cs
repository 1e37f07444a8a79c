namespace Flyball.Model.Samples;

/// <summary>What became of one sample that was offered to a store. Texts: Prometheus documentation.</summary>
public enum AppendOutcome
{
    /// <summary>It is in (or an identical one was).</summary>
    Stored,

    /// <summary>Another value is stored for this timestamp: "duplicate sample for timestamp".</summary>
    DuplicateTimestamp,

    /// <summary>Older than the newest of its series, and no out-of-order window allows it: "out of order sample".</summary>
    OutOfOrder,

    /// <summary>Older than the out-of-order window: "too old sample".</summary>
    TooOld,

    /// <summary>Outside what the store accepts at all, e.g. too far in the future: "out of bounds".</summary>
    OutOfBounds,

    /// <summary>A limit on the number of series was reached; the limit is named in the report.</summary>
    SeriesLimitReached,

    /// <summary>Labels or histogram are not well-formed.</summary>
    Invalid,
}
