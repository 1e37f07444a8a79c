namespace Flyball.Ingest.Otlp;

/// <summary>How a request is written.</summary>
internal enum OtlpEncoding
{
    Protobuf,
    Json,
}
