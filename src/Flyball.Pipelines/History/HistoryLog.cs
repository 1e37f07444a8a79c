using Microsoft.Extensions.Logging;

namespace Flyball.Pipelines.History;

internal static partial class HistoryLog
{
    [LoggerMessage(EventId = 1560, Level = LogLevel.Information, Message = "the history holds {Runs} runs in {Pages} pages, {Bytes} bytes")]
    internal static partial void Opened(ILogger logger, long runs, int pages, long bytes);

    [LoggerMessage(EventId = 1561, Level = LogLevel.Error,
        Message = "{Path} is set aside, its runs are missing from the history: move it away, or bring it back whole and restart")]
    internal static partial void SetAside(ILogger logger, string path, Exception cause);

    [LoggerMessage(EventId = 1562, Level = LogLevel.Information, Message = "{Pages} pages of the history were deleted, as its retention says")]
    internal static partial void Retired(ILogger logger, int pages);
}
