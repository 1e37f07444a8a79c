namespace Flyball.Ingest.Otlp;

/// <summary>Limits of the OTLP receivers. Defaults follow the protocol's recommendations (OpenTelemetry protocol specification).</summary>
public sealed record OtlpOptions
{
    /// <summary>Largest request, in bytes, before and after decompression; more is answered with 413 or RESOURCE_EXHAUSTED.</summary>
    public int MaxRequestBytes { get; init; } = 64 << 20;

    /// <summary>Bytes of all requests being read at once; more is answered with 503 or UNAVAILABLE and a time to retry.</summary>
    public long MaxInFlightBytes { get; init; } = 256L << 20;

    /// <summary>When a client that was sent away for overload or a failing disk should come back.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);
}
