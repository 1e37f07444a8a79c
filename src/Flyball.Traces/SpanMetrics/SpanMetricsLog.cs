using Microsoft.Extensions.Logging;

namespace Flyball.Traces.SpanMetrics;

/// <summary>What making metrics of spans tells the operator.</summary>
internal static partial class SpanMetricsLog
{
    [LoggerMessage(EventId = 1320, Level = LogLevel.Warning, Message = "span metrics could not be written; the next write holds them too")]
    internal static partial void WriteFailed(ILogger logger, Exception cause);
}
