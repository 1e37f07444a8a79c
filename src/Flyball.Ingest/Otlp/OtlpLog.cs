using Microsoft.Extensions.Logging;

namespace Flyball.Ingest.Otlp;

/// <summary>What the OTLP receivers log.</summary>
internal static partial class OtlpLog
{
    [LoggerMessage(EventId = 1480, Level = LogLevel.Error, Message = "spans from a client could not be stored; it is told to come back")]
    internal static partial void SinkFailed(ILogger logger, Exception cause);
}
