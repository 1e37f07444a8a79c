using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Flyball.Ingest.Scraping;

/// <summary>The headers of a pool's requests. Prometheus documentation, "Configuration".</summary>
internal sealed class ScrapeHeaders
{
    private readonly ScrapeConfig _config;
    private readonly string _accept;
    private readonly string _userAgent;

    public ScrapeHeaders(ScrapeConfig config, string userAgent)
    {
        _config = config;
        _accept = AcceptFor(config);
        _userAgent = userAgent;
    }

    /// <summary>Adds them to a request.</summary>
    /// <exception cref="IOException">A file with a secret cannot be read.</exception>
    public void ApplyTo(HttpRequestMessage request, TimeSpan timeout)
    {
        request.Headers.TryAddWithoutValidation("Accept", _accept);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", _config.EnableCompression ? "gzip" : "identity");
        request.Headers.TryAddWithoutValidation("User-Agent", _userAgent);
        request.Headers.TryAddWithoutValidation(
            "X-Prometheus-Scrape-Timeout-Seconds", timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        ApplyAuthentication(_config.Http, request);
    }

    /// <summary>Adds what a client configuration says about authentication and further headers.</summary>
    public static void ApplyAuthentication(HttpClientConfig http, HttpRequestMessage request)
    {
        if (http.BasicAuth is { } basic)
        {
            var pair = Encoding.UTF8.GetBytes($"{basic.Username.Read()}:{basic.Password.Read()}");
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(pair));
        }
        else if (http.Authorization is { } authorization)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"{authorization.Type} {authorization.Credentials.Read()}");
        }

        foreach (var (name, header) in http.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, header.Values.Select(v => v.Read()));
        }
    }

    /// <summary>The formats wanted, best first, with falling weights.</summary>
    public static string AcceptFor(ScrapeConfig config)
    {
        var escaping = EscapingFor(config);
        var text = new StringBuilder();
        var weight = ScrapeProtocolNames.All.Count + 1;
        foreach (var protocol in Protocols(config))
        {
            text.Append(CultureInfo.InvariantCulture, $"{MediaTypeOf(protocol, escaping)};q=0.{weight--},");
        }

        return text.Append(CultureInfo.InvariantCulture, $"*/*;q=0.{weight}").ToString();
    }

    // Native histograms travel in protobuf only, so it comes first unless somebody chose the protocols.
    private static IEnumerable<ScrapeProtocol> Protocols(ScrapeConfig config) =>
        config.ScrapeNativeHistograms && config.ScrapeProtocols.SequenceEqual(ScrapeProtocolNames.Default)
            ? config.ScrapeProtocols.Prepend(ScrapeProtocol.PrometheusProto)
            : config.ScrapeProtocols;

    private static string MediaTypeOf(ScrapeProtocol protocol, string escaping) => protocol switch
    {
        ScrapeProtocol.PrometheusProto => "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
        ScrapeProtocol.OpenMetricsText100 => $"application/openmetrics-text;version=1.0.0;escaping={escaping}",
        ScrapeProtocol.OpenMetricsText001 => "application/openmetrics-text;version=0.0.1",
        ScrapeProtocol.PrometheusText100 => $"text/plain;version=1.0.0;escaping={escaping}",
        _ => "text/plain;version=0.0.4",
    };

    private static string EscapingFor(ScrapeConfig config)
    {
        var byValidation = config.MetricNameValidation == NameValidation.Legacy ? NameEscaping.Underscores : NameEscaping.AllowUtf8;
        return (config.MetricNameEscaping ?? byValidation) switch
        {
            NameEscaping.Underscores => "underscores",
            NameEscaping.Dots => "dots",
            NameEscaping.Values => "values",
            _ => "allow-utf-8",
        };
    }
}
