using Microsoft.Extensions.Logging;

namespace Flyball.Ingest.Scraping;

/// <summary>What scraping logs.</summary>
internal static partial class ScrapeLog
{
    [LoggerMessage(EventId = 1400, Level = LogLevel.Debug, Message = "scrape of {Target} failed: {Reason}")]
    internal static partial void ScrapeFailed(ILogger logger, Uri target, string reason);

    [LoggerMessage(EventId = 1401, Level = LogLevel.Warning, Message = "scrape pool {Pool}: a target was left out: {Reason}")]
    internal static partial void TargetLeftOut(ILogger logger, string pool, string reason);

    [LoggerMessage(EventId = 1402, Level = LogLevel.Error, Message = "samples of {Target} could not be stored; the next scrape tries again")]
    internal static partial void StoreFailed(ILogger logger, Uri target, Exception cause);

    [LoggerMessage(EventId = 1403, Level = LogLevel.Warning, Message = "{Count} samples of {Target} were refused by the store, the first as {Outcome}")]
    internal static partial void SamplesRefused(ILogger logger, int count, Uri target, string outcome);

    [LoggerMessage(EventId = 1404, Level = LogLevel.Information, Message = "scrape pools applied: {Kept} kept, {Started} started, {Stopped} stopped")]
    internal static partial void PoolsApplied(ILogger logger, int kept, int started, int stopped);

    [LoggerMessage(EventId = 1405, Level = LogLevel.Warning, Message = "scrape pool {Pool} has {Count} targets, more than its target_limit of {Limit}; none is scraped")]
    internal static partial void TooManyTargets(ILogger logger, string pool, int count, long limit);

    [LoggerMessage(EventId = 1407, Level = LogLevel.Critical, Message = "a discovery of scrape pool {Pool} broke; its targets stay as they are until the next reload")]
    internal static partial void DiscoveryBroke(ILogger logger, string pool, Exception cause);

    [LoggerMessage(EventId = 1406, Level = LogLevel.Critical, Message = "the scrape loop of {Target} broke; it is not scraped until the next reload")]
    internal static partial void LoopBroke(ILogger logger, Uri target, Exception cause);
}
