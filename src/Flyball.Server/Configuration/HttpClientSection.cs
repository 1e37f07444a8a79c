using Flyball.Configuration;
using Flyball.Ingest.Scraping;

namespace Flyball.Server.Configuration;

/// <summary>Reads the keys that every HTTP client of a configuration shares. Prometheus documentation, "HTTP API".</summary>
internal static class HttpClientSection
{
    private static readonly string[] TlsVersions = ["TLS10", "TLS11", "TLS12", "TLS13"];

    /// <summary>Headers that the client sets itself.</summary>
    private static readonly string[] Reserved =
    [
        "Authorization", "Content-Encoding", "Content-Length", "Content-Type", "User-Agent", "Host", "X-Prometheus-Remote-Write-Version",
        "X-Prometheus-Remote-Read-Version", "X-Prometheus-Scrape-Timeout-Seconds", "Connection", "Accept", "Accept-Encoding",
    ];

    public static HttpClientConfig Read(YamlSection section, string baseFolder)
    {
        string[] ways = ["basic_auth", "authorization", "oauth2", "bearer_token", "bearer_token_file"];
        if (ways.Count(section.Has) > 1)
        {
            section.Report("at most one of basic_auth, authorization, oauth2, bearer_token and bearer_token_file must be configured");
        }

        section.Refuse("oauth2", "is not supported yet; put a proxy that holds the token before the target");
        if (section.Has("proxy_url") && section.Boolean("proxy_from_environment") == true)
        {
            section.Report("proxy_url", "if proxy_from_environment is configured, proxy_url must not be configured");
        }

        section.Refuse("proxy_connect_header", "is not supported yet");
        return new HttpClientConfig
        {
            BasicAuth = ReadBasic(section.Section("basic_auth"), baseFolder),
            Authorization = ReadAuthorization(section, baseFolder),
            Tls = ReadTls(section.Section("tls_config"), baseFolder),
            ProxyUrl = ReadProxy(section),
            NoProxy = section.Text("no_proxy") ?? "",
            ProxyFromEnvironment = section.Boolean("proxy_from_environment") ?? false,
            FollowRedirects = section.Boolean("follow_redirects") ?? true,
            EnableHttp2 = section.Boolean("enable_http2") ?? true,
            Headers = ReadHeaders(section.Section("http_headers"), baseFolder),
        };
    }

    private static BasicAuthConfig? ReadBasic(YamlSection? section, string baseFolder)
    {
        if (section is null)
        {
            return null;
        }

        var basic = new BasicAuthConfig(
            ReadSecret(section, "username", "username_file", baseFolder) ?? new Secret(""),
            ReadSecret(section, "password", "password_file", baseFolder) ?? new Secret(""));
        section.Finish();
        return basic;
    }

    private static AuthorizationConfig? ReadAuthorization(YamlSection section, string baseFolder)
    {
        if (section.Section("authorization") is { } authorization)
        {
            var type = authorization.Text("type") ?? "Bearer";
            if (type.Equals("basic", StringComparison.OrdinalIgnoreCase))
            {
                authorization.Report("type", "authorization type cannot be set to \"basic\", use \"basic_auth\" instead");
            }

            var credentials = ReadSecret(authorization, "credentials", "credentials_file", baseFolder) ?? new Secret("");
            authorization.Finish();
            return new AuthorizationConfig(type, credentials);
        }

        return ReadSecret(section, "bearer_token", "bearer_token_file", baseFolder) is { } token ? new AuthorizationConfig("Bearer", token) : null;
    }

    private static TlsConfig ReadTls(YamlSection? section, string baseFolder)
    {
        if (section is null)
        {
            return new TlsConfig();
        }

        var tls = new TlsConfig
        {
            Ca = ReadSecret(section, "ca", "ca_file", baseFolder),
            Certificate = ReadSecret(section, "cert", "cert_file", baseFolder),
            Key = ReadSecret(section, "key", "key_file", baseFolder),
            ServerName = section.Text("server_name") ?? "",
            InsecureSkipVerify = section.Boolean("insecure_skip_verify") ?? false,
            MinVersion = section.Choice("min_version", TlsVersions) is { } min ? TlsVersions[min] : "",
            MaxVersion = section.Choice("max_version", TlsVersions) is { } max ? TlsVersions[max] : "",
        };
        if (tls.Certificate is null != tls.Key is null)
        {
            section.Report("a client certificate needs both cert (or cert_file) and key (or key_file)");
        }

        section.Finish();
        return tls;
    }

    private static Uri? ReadProxy(YamlSection section)
    {
        if (section.Text("proxy_url") is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url))
        {
            return url;
        }

        section.Report("proxy_url", $"\"{text}\" is no URL");
        return null;
    }

    private static List<KeyValuePair<string, HttpHeaderConfig>> ReadHeaders(YamlSection? section, string baseFolder)
    {
        var headers = new List<KeyValuePair<string, HttpHeaderConfig>>();
        foreach (var name in section?.Keys ?? [])
        {
            if (Reserved.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                section!.Report(name, $"setting header \"{name}\" is not allowed");
            }

            if (section!.Section(name) is { } header)
            {
                var values = header.Texts("values").Concat(header.Texts("secrets")).Select(v => new Secret(v))
                    .Concat(header.Texts("files").Select(f => new Secret("", Path.GetFullPath(f, baseFolder))));
                headers.Add(new(name, new HttpHeaderConfig([.. values])));
                header.Finish();
            }
        }

        return headers;
    }

    private static Secret? ReadSecret(YamlSection section, string key, string fileKey, string baseFolder)
    {
        var value = section.Text(key);
        var file = section.Text(fileKey);
        if (value is not null && file is not null)
        {
            section.Report(key, $"at most one of {key} and {fileKey} must be configured");
        }

        return file is not null ? new Secret("", Path.GetFullPath(file, baseFolder)) : value is not null ? new Secret(value) : null;
    }
}
