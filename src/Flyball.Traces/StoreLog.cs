using Microsoft.Extensions.Logging;

namespace Flyball.Traces;

/// <summary>What the span store logs.</summary>
internal static partial class StoreLog
{
    [LoggerMessage(EventId = 1300, Level = LogLevel.Information, Message = "span store opened in {Directory}: {Segments} segments with {Spans} spans, {Replayed} spans from the log")]
    internal static partial void Opened(ILogger logger, string directory, int segments, long spans, int replayed);

    [LoggerMessage(EventId = 1301, Level = LogLevel.Error, Message = "segment {Path} cannot be read and is left out; its spans are missing from answers")]
    internal static partial void DamagedSegment(ILogger logger, string path, Exception cause);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Error, Message = "a record of the span log cannot be read and is left out")]
    internal static partial void DamagedRecord(ILogger logger, Exception cause);

    [LoggerMessage(EventId = 1303, Level = LogLevel.Error, Message = "spans in memory could not be written to a segment; they stay in the log and are tried again")]
    internal static partial void SealFailed(ILogger logger, Exception cause);

    [LoggerMessage(EventId = 1304, Level = LogLevel.Error, Message = "compaction or retention of spans failed; it is tried again")]
    internal static partial void MaintenanceFailed(ILogger logger, Exception cause);

    [LoggerMessage(EventId = 1305, Level = LogLevel.Debug, Message = "sealed {Spans} spans into {Path}, {Bytes} bytes")]
    internal static partial void Sealed(ILogger logger, int spans, string path, long bytes);

    [LoggerMessage(EventId = 1306, Level = LogLevel.Debug, Message = "merged {Inputs} segments into {Path}: {Spans} spans, {Bytes} bytes")]
    internal static partial void Merged(ILogger logger, int inputs, string path, int spans, long bytes);

    [LoggerMessage(EventId = 1307, Level = LogLevel.Information, Message = "segment {Path} with {Spans} spans deleted by retention")]
    internal static partial void Expired(ILogger logger, string path, int spans);

    [LoggerMessage(EventId = 1308, Level = LogLevel.Information, Message = "{Gone} spans of segment {Path} deleted by rules of retention, {Kept} stay")]
    internal static partial void Thinned(ILogger logger, string path, int gone, int kept);

    [LoggerMessage(EventId = 1309, Level = LogLevel.Warning, Message = "the damaged segment {Path} could not be renamed; it is out of use until the next start")]
    internal static partial void DamagedSegmentKeepsName(ILogger logger, string path, Exception cause);
}
