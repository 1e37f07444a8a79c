using Flyball.Actions.Records;
using Microsoft.Extensions.Logging;

namespace Flyball.Actions;

internal static partial class ActionsLog
{
    [LoggerMessage(EventId = 1700, Level = LogLevel.Information, Message = "policy {Policy}: {Status} {Rule} (execution {Id})")]
    internal static partial void Decided(ILogger logger, string policy, ActionStatus status, string rule, string id);

    [LoggerMessage(EventId = 1701, Level = LogLevel.Information, Message = "policy {Policy}: execution {Id} {Status}")]
    internal static partial void Ended(ILogger logger, string policy, ActionStatus status, string id);

    [LoggerMessage(EventId = 1702, Level = LogLevel.Error, Message = "alert {Alert} was not looked at by any policy: too many wait")]
    internal static partial void AlertDropped(ILogger logger, string alert);

    [LoggerMessage(EventId = 1703, Level = LogLevel.Error, Message = "policy {Policy}: nothing was done for {Subject}, the journal did not take it")]
    internal static partial void NotJournalled(ILogger logger, string policy, string subject, Exception cause);

    [LoggerMessage(EventId = 1704, Level = LogLevel.Critical, Message = "no policy decides any more: restart the server")]
    internal static partial void DecisionsEnded(ILogger logger, Exception cause);
}
