namespace Flyball.Model.Histograms;

/// <summary>A native histogram: exponential (schema -4…8) or custom (schema -53) buckets, sparse. Immutable.</summary>
/// <remarks>Counts are doubles also for integer histograms: exact up to 2^53, and every consumer computes with doubles.
/// <see cref="HasIntegerCounts"/> keeps the flavour for the formats that tell them apart.
/// Bucket bounds: Prometheus documentation, "Native histograms".</remarks>
public sealed class NativeHistogram
{
    /// <summary>The schema of histograms with custom bucket bounds.</summary>
    public const int CustomBucketsSchema = -53;

    /// <summary>Resolution: bounds are powers of 2^(2^-schema); or <see cref="CustomBucketsSchema"/>.</summary>
    public required int Schema { get; init; }

    /// <summary>Half-width of the zero bucket, ≥ 0.</summary>
    public double ZeroThreshold { get; init; }

    /// <summary>Observations in the zero bucket.</summary>
    public double ZeroCount { get; init; }

    /// <summary>All observations, NaN included.</summary>
    public required double Count { get; init; }

    /// <summary>Sum of all observations. A staleness marker here ends the series.</summary>
    public required double Sum { get; init; }

    /// <summary>Runs of populated positive buckets.</summary>
    public BucketSpan[] PositiveSpans { get; init; } = [];

    /// <summary>Observations per positive bucket, absolute (neither cumulative nor deltas), in span order.</summary>
    public double[] PositiveBuckets { get; init; } = [];

    /// <summary>Runs of populated negative buckets.</summary>
    public BucketSpan[] NegativeSpans { get; init; } = [];

    /// <summary>Observations per negative bucket, absolute, in span order.</summary>
    public double[] NegativeBuckets { get; init; } = [];

    /// <summary>Upper bounds of custom buckets, strictly rising, without +Inf; empty for exponential schemas.</summary>
    public double[] CustomBounds { get; init; } = [];

    /// <summary>What the source says about counter resets before this sample.</summary>
    public CounterResetHint ResetHint { get; init; }

    /// <summary>Whether it came as integer counts.</summary>
    public bool HasIntegerCounts { get; init; }
}

/// <summary>A run of neighbouring buckets.</summary>
/// <param name="Offset">Gap to the end of the previous run, or for the first the index of its first bucket.</param>
/// <param name="Length">Number of buckets.</param>
public readonly record struct BucketSpan(int Offset, uint Length);

/// <summary>What is known about a counter reset between a histogram sample and the one before it.</summary>
public enum CounterResetHint
{
    /// <summary>Compare the samples.</summary>
    Unknown,

    /// <summary>There was a reset.</summary>
    Reset,

    /// <summary>There was none.</summary>
    NotReset,

    /// <summary>A gauge: resets do not apply.</summary>
    Gauge,
}
