using Microsoft.Extensions.Logging;

namespace Flyball.Pipelines.TestReports;

internal static partial class TestReportsLog
{
    [LoggerMessage(EventId = 1570, Level = LogLevel.Warning,
        Message = "a test report in segment {Segment} before byte {Offset} is of a form unknown to this version and was skipped")]
    internal static partial void Skipped(ILogger logger, long segment, long offset);
}
