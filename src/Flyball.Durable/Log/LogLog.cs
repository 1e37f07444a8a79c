using Microsoft.Extensions.Logging;

namespace Flyball.Durable.Log;

/// <summary>What the write-ahead log tells an operator.</summary>
internal static partial class LogLog
{
    [LoggerMessage(EventId = 1000, Level = LogLevel.Error, Message = "log segment {Path} is damaged at byte {Offset}: {Problem}; {Length} bytes are skipped")]
    internal static partial void Damaged(ILogger logger, string path, long offset, long length, string problem);

    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "cut {Length} bytes of an unfinished write off the end of {Path}")]
    internal static partial void TornTail(ILogger logger, string path, long length);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Error, Message = "sync of log {Directory} failed; going on with a new segment")]
    internal static partial void SyncFailed(ILogger logger, string directory, Exception cause);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Error, Message = "log {Directory} cannot be written; writes are refused until it can")]
    internal static partial void WriteFailed(ILogger logger, string directory, Exception cause);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Information, Message = "log {Directory} can be written again")]
    internal static partial void WriteRecovered(ILogger logger, string directory);
}
