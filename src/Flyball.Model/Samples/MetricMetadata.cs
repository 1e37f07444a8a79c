namespace Flyball.Model.Samples;

/// <summary>What a metric family says about itself.</summary>
/// <param name="Family">The family's name as exposed: <c>x</c> for <c>x_bucket</c>, <c>x_sum</c>, <c>x_count</c>.</param>
/// <param name="Type">Its type.</param>
/// <param name="Help">A sentence for people; may be empty.</param>
/// <param name="Unit">Its unit; may be empty.</param>
public sealed record MetricMetadata(string Family, MetricType Type, string Help, string Unit);

/// <summary>Types of metric families; names in the formats are the lower-case forms.</summary>
public enum MetricType
{
    /// <summary>Not said.</summary>
    Unknown,

    /// <summary>Only ever rises, except for resets.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Cumulative buckets, classic or native.</summary>
    Histogram,

    /// <summary>A histogram that goes up and down.</summary>
    GaugeHistogram,

    /// <summary>Quantiles computed by the client.</summary>
    Summary,

    /// <summary>Constant 1 with facts as labels.</summary>
    Info,

    /// <summary>A set of booleans.</summary>
    StateSet,
}
