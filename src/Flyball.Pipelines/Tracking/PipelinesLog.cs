using Microsoft.Extensions.Logging;

namespace Flyball.Pipelines;

internal static partial class PipelinesLog
{
    [LoggerMessage(EventId = 1500, Level = LogLevel.Information, Message = "restored {Runs} runs from {Facts} facts")]
    internal static partial void Restored(ILogger logger, int facts, int runs);

    [LoggerMessage(EventId = 1501, Level = LogLevel.Warning, Message = "spans or metrics of runs could not be written; next try in {RetryInMs} ms")]
    internal static partial void ExportFailed(ILogger logger, double retryInMs, Exception cause);

    [LoggerMessage(EventId = 1502, Level = LogLevel.Warning, Message = "{System} event refused: {Reason}")]
    internal static partial void EventRefused(ILogger logger, string system, string reason);

    [LoggerMessage(EventId = 1503, Level = LogLevel.Error, Message = "{System} event not taken: it could not be made durable")]
    internal static partial void EventNotDurable(ILogger logger, string system, Exception cause);

    [LoggerMessage(EventId = 1504, Level = LogLevel.Error,
        Message = "runs that left memory could not be written to the history; their facts stay in the run log; next try in {RetryInSeconds} s")]
    internal static partial void HistoryFailed(ILogger logger, double retryInSeconds, Exception cause);
}
