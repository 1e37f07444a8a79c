using Microsoft.Extensions.Logging;

namespace Flyball.Pipelines.Backfill;

internal static partial class BackfillLog
{
    [LoggerMessage(EventId = 1530, Level = LogLevel.Information, Message = "read {Runs} runs of {System} {Target}")]
    internal static partial void Done(ILogger logger, string system, string target, int runs);

    [LoggerMessage(EventId = 1531, Level = LogLevel.Warning, Message = "back-fill of {System} {Target} stopped after {Runs} runs; it goes on from there")]
    internal static partial void Failed(ILogger logger, string system, string target, int runs, Exception cause);
}
