namespace Flyball.Model.Samples;

/// <summary>A store's own handle of a series, so that a sender that repeats itself skips the look-up by labels.</summary>
/// <remarks>Only a hint: it may outlive its series, then the store falls back to the labels. 0 is "none".</remarks>
public readonly record struct SeriesRef(ulong Value)
{
    /// <summary>No handle known yet.</summary>
    public static readonly SeriesRef None;
}
