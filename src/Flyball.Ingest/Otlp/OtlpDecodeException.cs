namespace Flyball.Ingest.Otlp;

/// <summary>A request is not what its content type promises. Its message goes to the client.</summary>
internal sealed class OtlpDecodeException(string message, Exception? cause = null) : FormatException(message, cause);
