using Microsoft.Extensions.Logging;

namespace Flyball.Durable.RunLog;

internal static partial class RunLogLog
{
    [LoggerMessage(EventId = 1090, Level = LogLevel.Warning,
        Message = "a fact in segment {Segment} of the run log before byte {Offset} is of a form unknown to this version and was skipped")]
    internal static partial void FactSkipped(ILogger logger, long segment, long offset, Exception cause);
}
