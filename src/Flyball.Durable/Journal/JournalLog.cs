using Microsoft.Extensions.Logging;

namespace Flyball.Durable.Journal;

internal static partial class JournalLog
{
    [LoggerMessage(EventId = 1080, Level = LogLevel.Warning,
        Message = "the journal ended inside an entry that was never acknowledged; its {Bytes} bytes were moved to {Path}")]
    internal static partial void TornTail(ILogger logger, long bytes, string path);

    [LoggerMessage(EventId = 1081, Level = LogLevel.Error, Message = "{Count} journal entries could not be written; what they stand for was not done")]
    internal static partial void AppendFailed(ILogger logger, int count, Exception cause);
}
