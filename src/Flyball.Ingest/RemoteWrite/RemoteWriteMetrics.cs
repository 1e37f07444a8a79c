using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Flyball.Ingest.RemoteWrite;

/// <summary>What the receiver tells about itself.</summary>
internal static class RemoteWriteMetrics
{
    private static readonly Meter Meter = new("Flyball.Ingest");

    public static readonly Counter<long> Requests = Meter.CreateCounter<long>(
        "flyball_remote_write_requests_total", description: "Remote-write requests by protocol version and HTTP status.");

    public static readonly Counter<long> Samples = Meter.CreateCounter<long>(
        "flyball_remote_write_samples_total", description: "Samples and histograms stored for remote-write senders.");

    public static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "flyball_remote_write_refused_samples_total", description: "Samples and histograms refused, by reason.");

    public static readonly Counter<long> InvalidSeries = Meter.CreateCounter<long>(
        "prometheus_api_remote_write_invalid_labels_samples_total", description: "Series left out because of their labels.");
}

/// <summary>What the receiver logs.</summary>
internal static partial class RemoteWriteLog
{
    [LoggerMessage(EventId = 1440, Level = LogLevel.Error, Message = "samples of a remote-write sender could not be stored; it is told to come back")]
    internal static partial void SinkFailed(ILogger logger, Exception cause);
}
