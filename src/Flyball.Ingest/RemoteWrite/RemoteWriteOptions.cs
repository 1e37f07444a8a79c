namespace Flyball.Ingest.RemoteWrite;

/// <summary>Settings of the remote-write receiver.</summary>
public sealed record RemoteWriteOptions
{
    /// <summary>Largest request in bytes, compressed and uncompressed alike.</summary>
    public int MaxRequestBytes { get; init; } = 64 << 20;

    /// <summary>Whether version 1.0 (<c>prometheus.WriteRequest</c>) is accepted.</summary>
    public bool AcceptVersion1 { get; init; } = true;

    /// <summary>Whether version 2.0 (<c>io.prometheus.write.v2.Request</c>) is accepted.</summary>
    public bool AcceptVersion2 { get; init; } = true;
}
