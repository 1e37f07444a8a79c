using Microsoft.Extensions.Logging;

namespace Flyball.Pipelines.Kubernetes;

internal static partial class KubernetesLog
{
    [LoggerMessage(EventId = 1520, Level = LogLevel.Warning, Message = "watching {Resource} failed; next try in {RetryInMs} ms")]
    internal static partial void WatchFailed(ILogger logger, string resource, double retryInMs, Exception cause);

    [LoggerMessage(EventId = 1521, Level = LogLevel.Information, Message = "the watch of {Resource} cannot go on from where it was; everything is listed again")]
    internal static partial void WatchExpired(ILogger logger, string resource);

    [LoggerMessage(EventId = 1522, Level = LogLevel.Warning, Message = "the cluster serves no {Resource}; next look in {RetryInSeconds} s")]
    internal static partial void ResourceAbsent(ILogger logger, string resource, double retryInSeconds);

    [LoggerMessage(EventId = 1523, Level = LogLevel.Information, Message = "{Runs} runs are gone from the cluster, their ends were not seen")]
    internal static partial void RunsVanished(ILogger logger, int runs);
}
