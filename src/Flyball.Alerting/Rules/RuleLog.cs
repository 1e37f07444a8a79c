using Flyball.Model.Samples;
using Microsoft.Extensions.Logging;

namespace Flyball.Alerting.Rules;

internal static partial class RuleLog
{
    [LoggerMessage(EventId = 1600, Level = LogLevel.Warning, Message = "rule {Rule} of group {Group} failed")]
    public static partial void RuleFailed(ILogger logger, string group, string rule, Exception cause);

    [LoggerMessage(EventId = 1601, Level = LogLevel.Warning,
        Message = "rule {Rule} of group {Group} wrote {Count} samples that were refused, the first as {Outcome}")]
    public static partial void SamplesRejected(ILogger logger, string group, string rule, int count, AppendOutcome outcome);

    [LoggerMessage(EventId = 1602, Level = LogLevel.Warning,
        Message = "how long the condition of {Rule} in group {Group} held before the restart cannot be read; it counts from now")]
    public static partial void RestoreFailed(ILogger logger, string group, string rule, Exception cause);

    [LoggerMessage(EventId = 1603, Level = LogLevel.Information, Message = "{Groups} rule groups in force, {Reactive} of them reactive")]
    public static partial void GroupsApplied(ILogger logger, int groups, int reactive);

    [LoggerMessage(EventId = 1604, Level = LogLevel.Error, Message = "the loop of rule group {Group} died; it starts again at the next reload")]
    public static partial void LoopDied(ILogger logger, string group, Exception cause);

    [LoggerMessage(EventId = 1605, Level = LogLevel.Warning, Message = "rule group {Group} is late and skipped {Missed} evaluations")]
    public static partial void IterationsMissed(ILogger logger, string group, long missed);
}
