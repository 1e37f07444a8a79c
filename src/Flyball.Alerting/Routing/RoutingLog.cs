using Microsoft.Extensions.Logging;

namespace Flyball.Alerting.Routing;

internal static partial class RoutingLog
{
    [LoggerMessage(EventId = 1650, Level = LogLevel.Warning,
        Message = "telling {Receiver} by {Integration} failed: {Reason}; next try in {RetryInMs} ms")]
    public static partial void DeliveryFailed(ILogger logger, string receiver, string integration, string reason, long retryInMs);

    [LoggerMessage(EventId = 1651, Level = LogLevel.Error, Message = "gave up telling {Receiver} by {Integration} of group {Group}: {Reason}")]
    public static partial void DeliveryGivenUp(ILogger logger, string receiver, string integration, string group, string reason);

    [LoggerMessage(EventId = 1652, Level = LogLevel.Error, Message = "the loop of alert group {Group} died; it starts again at the next reload")]
    public static partial void GroupLoopDied(ILogger logger, string group, Exception cause);

    [LoggerMessage(EventId = 1653, Level = LogLevel.Warning,
        Message = "the notification log {Path} is not usable: {Reason}; some notifications may be sent a second time")]
    public static partial void NotificationLogUnusable(ILogger logger, string path, string reason);

    [LoggerMessage(EventId = 1654, Level = LogLevel.Error,
        Message = "the notification log cannot be written; after a restart some notifications may be sent a second time")]
    public static partial void NotificationLogNotWritten(ILogger logger, Exception cause);

    [LoggerMessage(EventId = 1655, Level = LogLevel.Information, Message = "routing in force with {Receivers} receivers")]
    public static partial void RoutingApplied(ILogger logger, int receivers);
}
