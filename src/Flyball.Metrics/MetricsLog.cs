using Microsoft.Extensions.Logging;

namespace Flyball.Metrics;

/// <summary>What the store tells an operator.</summary>
internal static partial class MetricsLog
{
    [LoggerMessage(EventId = 1100, Level = LogLevel.Information, Message = "replayed {Samples} samples of {Series} series from {Bytes} bytes of log in {ElapsedMs} ms")]
    internal static partial void Replayed(ILogger logger, long samples, int series, long bytes, long elapsedMs);

    [LoggerMessage(EventId = 1109, Level = LogLevel.Information, Message = "replaying the log: {Percent} % of {Bytes} bytes")]
    internal static partial void Replaying(ILogger logger, int percent, long bytes);

    [LoggerMessage(EventId = 1101, Level = LogLevel.Error, Message = "{Samples} samples in the log belong to series whose labels were lost to damage; they are dropped")]
    internal static partial void Orphans(ILogger logger, long samples);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Error, Message = "block {Path} is damaged and set aside: {Problem}")]
    internal static partial void BlockDamaged(ILogger logger, string path, string problem);

    [LoggerMessage(EventId = 1103, Level = LogLevel.Information, Message = "sealed head {Number}: {Samples} samples of {Series} series in {Bytes} bytes, {ElapsedMs} ms")]
    internal static partial void Sealed(ILogger logger, long number, long samples, int series, long bytes, long elapsedMs);

    [LoggerMessage(EventId = 1104, Level = LogLevel.Information, Message = "merged {Count} blocks into {Path}: {Samples} samples in {Bytes} bytes, {ElapsedMs} ms")]
    internal static partial void Merged(ILogger logger, int count, string path, long samples, long bytes, long elapsedMs);

    [LoggerMessage(EventId = 1105, Level = LogLevel.Information, Message = "deleted block {Path}: {Reason}")]
    internal static partial void Deleted(ILogger logger, string path, string reason);

    [LoggerMessage(EventId = 1106, Level = LogLevel.Error, Message = "background maintenance failed; it is tried again in a minute")]
    internal static partial void MaintenanceFailed(ILogger logger, Exception cause);

    [LoggerMessage(EventId = 1107, Level = LogLevel.Error, Message = "metadata file {Path} is damaged and ignored: {Problem}")]
    internal static partial void MetadataDamaged(ILogger logger, string path, string problem);

    [LoggerMessage(EventId = 1108, Level = LogLevel.Warning, Message = "block {Path} could not be deleted")]
    internal static partial void DeleteFailed(ILogger logger, string path, Exception cause);

    [LoggerMessage(EventId = 1110, Level = LogLevel.Information, Message = "checkpoint of the heads: {Bytes} bytes, the log is needed from {Segment}:{Offset} on, {ElapsedMs} ms")]
    internal static partial void Checkpointed(ILogger logger, long bytes, long segment, long offset, long elapsedMs);

    [LoggerMessage(EventId = 1111, Level = LogLevel.Error, Message = "the checkpoint of the heads could not be written; the next start reads more of the log")]
    internal static partial void CheckpointFailed(ILogger logger, Exception cause);

    [LoggerMessage(EventId = 1112, Level = LogLevel.Warning, Message = "checkpoint {Path} is not used, the whole log is read instead: {Problem}")]
    internal static partial void CheckpointRefused(ILogger logger, string path, string problem);

    [LoggerMessage(EventId = 1113, Level = LogLevel.Information, Message = "restored {Series} series from a checkpoint of {Bytes} bytes in {ElapsedMs} ms")]
    internal static partial void Restored(ILogger logger, int series, long bytes, long elapsedMs);

    [LoggerMessage(EventId = 1140, Level = LogLevel.Information, Message = "summarised {Samples} samples at {Resolution}, window from {StartMs} ms since the epoch on, {ElapsedMs} ms")]
    internal static partial void Downsampled(ILogger logger, long samples, TimeSpan resolution, long startMs, long elapsedMs);
}
