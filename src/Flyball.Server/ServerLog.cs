using Microsoft.Extensions.Logging;

namespace Flyball.Server;

/// <summary>What the server as a whole says. Events 1900–1999.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(EventId = 1900, Level = LogLevel.Information, Message = "ready at {Address}, data in {DataDirectory}")]
    internal static partial void Ready(ILogger logger, Uri address, string dataDirectory);

    [LoggerMessage(EventId = 1901, Level = LogLevel.Information, Message = "configuration {File} is in force")]
    internal static partial void Reloaded(ILogger logger, string file);

    [LoggerMessage(EventId = 1902, Level = LogLevel.Error, Message = "reload failed, the configuration in force stays: {Problems}")]
    internal static partial void ReloadFailed(ILogger logger, string problems);

    [LoggerMessage(EventId = 1903, Level = LogLevel.Warning, Message = "{Warning}")]
    internal static partial void ConfigWarning(ILogger logger, string warning);

    [LoggerMessage(EventId = 1904, Level = LogLevel.Error, Message = "a request to {Path} failed inside the server")]
    internal static partial void RequestFailed(ILogger logger, string path, Exception cause);

    [LoggerMessage(EventId = 1905, Level = LogLevel.Warning, Message = "a query could not be logged to {File}")]
    internal static partial void QueryLogFailed(ILogger logger, string file, Exception cause);

    [LoggerMessage(EventId = 1906, Level = LogLevel.Warning, Message = "an instrument could not be read, its last value is shown")]
    internal static partial void InstrumentFailed(ILogger logger, Exception cause);
}
