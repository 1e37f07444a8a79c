using Flyball.Ingest.Bodies;
using Flyball.Ingest.Exposition;

namespace Flyball.Ingest.Scraping;

/// <summary>Chooses the reader for a body by its content type. One set per scrape loop. Prometheus documentation, "Exposition formats".</summary>
internal sealed class ExpositionFormats(ScrapeConfig config)
{
    private readonly PrometheusTextReader _text = new();
    private readonly OpenMetricsReader _openMetrics = new();
    private ProtobufReader? _protobuf;

    /// <summary>The reader for a body, started on it.</summary>
    /// <exception cref="ScrapeFailedException">The content type is missing or none we read, and no fallback is configured.</exception>
    public ExpositionReader Open(BodyBuffer body)
    {
        var reader = Choose(body.ContentType);
        reader.Reset(body.Memory);
        return reader;
    }

    private ExpositionReader Choose(string contentType)
    {
        var semicolon = contentType.IndexOf(';', StringComparison.Ordinal);
        var mediaType = (semicolon < 0 ? contentType : contentType[..semicolon]).Trim();
        if (mediaType.Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase))
        {
            return _openMetrics;
        }

        if (mediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase))
        {
            return _text;
        }

        if (mediaType.Equals("application/vnd.google.protobuf", StringComparison.OrdinalIgnoreCase))
        {
            return Protobuf;
        }

        return config.FallbackScrapeProtocol switch
        {
            null => throw new ScrapeFailedException(WhyNot(contentType, mediaType)),
            ScrapeProtocol.OpenMetricsText100 or ScrapeProtocol.OpenMetricsText001 => _openMetrics,
            ScrapeProtocol.PrometheusProto => Protobuf,
            _ => _text,
        };
    }

    private ProtobufReader Protobuf =>
        _protobuf ??= new ProtobufReader(config.ScrapeNativeHistograms, config.AlwaysScrapeClassicHistograms);

    private static string WhyNot(string contentType, string mediaType)
    {
        const string NoFallback = "and no fallback_scrape_protocol specified for target";
        if (contentType.Length == 0)
        {
            return $"non-compliant scrape target sending blank Content-Type {NoFallback}";
        }

        return mediaType.Count(c => c == '/') == 1
            ? $"received unsupported Content-Type \"{contentType}\" {NoFallback}"
            : $"cannot parse Content-Type \"{contentType}\" {NoFallback}";
    }
}
