namespace Flyball.Ingest.Scraping;

/// <summary>How to talk to an HTTP server: the keys every HTTP client of a configuration shares. Immutable. Prometheus documentation, "Configuration".</summary>
public sealed record HttpClientConfig
{
    /// <summary>User name and password, or null.</summary>
    public BasicAuthConfig? BasicAuth { get; init; }

    /// <summary>Content of the header <c>Authorization</c>, or null; not beside <see cref="BasicAuth"/>.</summary>
    public AuthorizationConfig? Authorization { get; init; }

    /// <summary>Settings of https.</summary>
    public TlsConfig Tls { get; init; } = new();

    /// <summary>A proxy, or null for none.</summary>
    public Uri? ProxyUrl { get; init; }

    /// <summary>Comma-separated hosts that are reached without the proxy.</summary>
    public string NoProxy { get; init; } = "";

    /// <summary>Whether the environment's proxy variables count.</summary>
    public bool ProxyFromEnvironment { get; init; }

    /// <summary>Whether redirects are followed.</summary>
    public bool FollowRedirects { get; init; } = true;

    /// <summary>Whether HTTP/2 may be used over TLS.</summary>
    public bool EnableHttp2 { get; init; } = true;

    /// <summary>Further headers.</summary>
    public IReadOnlyList<KeyValuePair<string, HttpHeaderConfig>> Headers { get; init; } = [];
}

/// <summary>User name and password; each given directly or in a file that is read again at every use.</summary>
public sealed record BasicAuthConfig(Secret Username, Secret Password);

/// <summary>Scheme and credentials of the header <c>Authorization</c>.</summary>
/// <param name="Type">The scheme, by default <c>Bearer</c>.</param>
public sealed record AuthorizationConfig(string Type, Secret Credentials);

/// <summary>The values of one header: plain ones, secret ones, ones in files.</summary>
public sealed record HttpHeaderConfig(IReadOnlyList<Secret> Values);

/// <summary>Settings of a TLS connection.</summary>
public sealed record TlsConfig
{
    /// <summary>PEM of the authorities to trust instead of the system's, or null.</summary>
    public Secret? Ca { get; init; }

    /// <summary>PEM of the client's certificate, or null.</summary>
    public Secret? Certificate { get; init; }

    /// <summary>PEM of the client's key, or null.</summary>
    public Secret? Key { get; init; }

    /// <summary>Name expected in the server's certificate; empty: the host of the URL.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>Whether the server's certificate is not checked.</summary>
    public bool InsecureSkipVerify { get; init; }

    /// <summary>Oldest version accepted: TLS10 … TLS13, or empty.</summary>
    public string MinVersion { get; init; } = "";

    /// <summary>Newest version accepted: TLS10 … TLS13, or empty.</summary>
    public string MaxVersion { get; init; } = "";
}

/// <summary>A text that may stand in a file, which is then read at every use, so that a rotated secret needs no reload.</summary>
/// <param name="Value">The text itself, or empty.</param>
/// <param name="File">The path of the file that holds it, or empty.</param>
public sealed record Secret(string Value, string File = "")
{
    /// <summary>The text now.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public string Read() => File.Length == 0 ? Value : System.IO.File.ReadAllText(File).Trim();

    /// <summary>Never the text.</summary>
    public override string ToString() => File.Length == 0 ? "<secret>" : File;
}
