namespace Flyball.Step.Sending;

/// <summary>An address to post to.</summary>
/// <param name="Host">Name or number, without brackets.</param>
/// <param name="Path">With the leading slash, query included.</param>
/// <param name="Headers">Further header lines, each with its line end.</param>
internal sealed record Endpoint(bool IsSecure, string Host, int Port, string Path, string Headers)
{
    /// <summary>Reads an http or https address.</summary>
    /// <returns>Null if it is none.</returns>
    public static Endpoint? Parse(string url, string headers)
    {
        var isSecure = url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isSecure && !url.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var start = isSecure ? 8 : 7;
        var slash = url.AsSpan(start).IndexOfAny('/', '?');
        var authority = slash < 0 ? url[start..] : url[start..(start + slash)];
        var path = slash < 0 ? "/" : url[(start + slash)..];
        path = path[0] == '?' ? "/" + path : path;
        authority = authority[(authority.LastIndexOf('@') + 1)..];   // credentials belong into a header, not into an address
        var port = isSecure ? 443 : 80;
        var colon = authority.LastIndexOf(':');
        if (colon > authority.LastIndexOf(']'))
        {
            if (!int.TryParse(authority.AsSpan(colon + 1), System.Globalization.NumberStyles.None, null, out port) || port is 0 or > 65535)
            {
                return null;
            }

            authority = authority[..colon];
        }

        var host = authority.Trim('[', ']');
        return host.Length == 0 || HasControls(host) || HasControls(path) ? null : new Endpoint(isSecure, host, port, path, headers);
    }

    /// <summary>Value of the <c>Host</c> header.</summary>
    public string Authority
    {
        get
        {
            var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
            return Port == (IsSecure ? 443 : 80) ? host : $"{host}:{Port}";
        }
    }

    /// <inheritdoc />
    public override string ToString() => $"{(IsSecure ? "https" : "http")}://{Authority}{Path}";

    private static bool HasControls(string text) => text.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0;
}

/// <summary>Where spans, metrics and announcements go.</summary>
/// <param name="Traces">OTLP over HTTP; null where the setting is unusable.</param>
/// <param name="Metrics">OTLP over HTTP; null where the setting is unusable.</param>
/// <param name="Started">Announcements; null where only an OTLP backend is known.</param>
internal sealed record Endpoints(Endpoint? Traces, Endpoint? Metrics, Endpoint? Started)
{
    /// <summary>Where announcements go, below the server's root.</summary>
    public const string StartedPath = "/hooks/step";

    private const string TracesPath = "/v1/traces";
    private const string MetricsPath = "/v1/metrics";
    private const string DefaultOtlp = "http://127.0.0.1:4318";
    private const string DefaultStarted = "http://127.0.0.1:9090" + StartedPath;

    /// <summary>Reads the settings; the first that is there decides.</summary>
    public static Endpoints Of(string? option, Detection.Variables variables)
    {
        var token = variables["FLYBALL_TOKEN"];
        var bearer = token.Length > 0 && IsHeaderText(token) ? $"Authorization: Bearer {token}\r\n" : "";
        var headers = HeaderLines(variables.First("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")) + bearer;
        var metricsHeaders = HeaderLines(variables.First("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")) + bearer;
        var server = option ?? variables["FLYBALL_SERVER"];
        if (server.Length > 0)
        {
            var root = server.TrimEnd('/');
            return new Endpoints(
                Endpoint.Parse(root + TracesPath, headers), Endpoint.Parse(root + MetricsPath, headers), Endpoint.Parse(root + StartedPath, headers));
        }

        var otlp = variables["OTEL_EXPORTER_OTLP_ENDPOINT"].TrimEnd('/');
        var (traces, metrics) = (variables["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"], variables["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"]);
        var collector = otlp.Length > 0 ? otlp : DefaultOtlp;
        return new Endpoints(
            Endpoint.Parse(traces.Length > 0 ? traces : collector + TracesPath, headers),
            Endpoint.Parse(metrics.Length > 0 ? metrics : collector + MetricsPath, metricsHeaders),
            traces.Length > 0 || otlp.Length > 0 ? null : Endpoint.Parse(DefaultStarted, headers));
    }

    // OpenTelemetry writes "key=value,key=value" with percent-encoded values.
    private static string HeaderLines(string setting)
    {
        var lines = "";
        foreach (var part in setting.Split(','))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                var (name, value) = (part[..equals].Trim(), Uri.UnescapeDataString(part[(equals + 1)..].Trim()));
                lines += IsHeaderText(name) && !name.Contains(':', StringComparison.Ordinal) && IsHeaderText(value) ? $"{name}: {value}\r\n" : "";
            }
        }

        return lines;
    }

    private static bool IsHeaderText(string text) => text.Length > 0 && text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0;
}
