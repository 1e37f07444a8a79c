using Microsoft.Extensions.Logging;

namespace Flyball.Ingest.Discovery;

/// <summary>What discovery logs.</summary>
internal static partial class DiscoveryLog
{
    [LoggerMessage(EventId = 1420, Level = LogLevel.Error, Message = "targets file {Path} cannot be used, the targets it had before stay: {Reason}")]
    internal static partial void FileRefused(ILogger logger, string path, string reason);

    [LoggerMessage(EventId = 1421, Level = LogLevel.Error, Message = "target list {Url} cannot be used, the targets it had before stay: {Reason}")]
    internal static partial void ListRefused(ILogger logger, Uri url, string reason);

    [LoggerMessage(EventId = 1422, Level = LogLevel.Warning, Message = "folder {Folder} cannot be watched, its files are read every {RefreshSeconds} s only")]
    internal static partial void FolderNotWatched(ILogger logger, string folder, double refreshSeconds, Exception cause);
}
