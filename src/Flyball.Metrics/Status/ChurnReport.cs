namespace Flyball.Metrics.Status;

/// <summary>Series that came and went.</summary>
/// <param name="WindowMs">Over how long it was counted, in milliseconds: an hour, or less where the heads reach back less far.</param>
/// <param name="Created">Series that began.</param>
/// <param name="Ended">Series that have had no sample for five minutes.</param>
/// <param name="ByMetric">The same by metric, most first.</param>
public sealed record ChurnReport(long WindowMs, long Created, long Ended, IReadOnlyList<MetricChurn> ByMetric)
{
    /// <summary>Of an empty store.</summary>
    public static readonly ChurnReport None = new(0, 0, 0, []);
}

/// <summary>Series of one metric that came and went.</summary>
public readonly record struct MetricChurn(string Name, long Created, long Ended);
