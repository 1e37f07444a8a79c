namespace Flyball.Ingest.Otlp;

/// <summary>The codes of google.rpc.Status and of gRPC that the receivers answer with.</summary>
internal enum RpcCode
{
    Ok = 0,
    InvalidArgument = 3,
    ResourceExhausted = 8,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
}
