namespace Flyball.Ingest.Otlp;

/// <summary>One signal of the protocol: decodes a request, stores it, says how that went. The transports know no more.</summary>
internal interface IOtlpSignal
{
    /// <summary>Its word in metrics: traces, metrics.</summary>
    string Name { get; }

    /// <summary>The key of its partial success in JSON, e.g. <c>rejectedSpans</c>.</summary>
    string RejectedKey { get; }

    /// <summary>Decodes and stores a request; the task completes when it is durable.</summary>
    /// <exception cref="OtlpDecodeException">The bytes are no such request; nothing was stored.</exception>
    /// <exception cref="IOException">It cannot be stored now; nothing was stored.</exception>
    ValueTask<OtlpAnswer> ExportAsync(ReadOnlyMemory<byte> body, OtlpEncoding encoding, CancellationToken cancellationToken);
}
