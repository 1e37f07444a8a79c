using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Flyball.Ingest.Scraping;

/// <summary>Makes the HTTP client that all targets of a pool share. Prometheus documentation, "Configuration".</summary>
internal static class PoolClient
{
    /// <summary>The Unix socket a request goes to instead of its host.</summary>
    public static readonly HttpRequestOptionsKey<string> UnixSocket = new("flyball.unix-socket");

    /// <summary>Makes a client without a time-out of its own: each request brings its deadline.</summary>
    public static HttpClient Create(HttpClientConfig config)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = config.FollowRedirects,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseProxy = config.ProxyUrl is not null || config.ProxyFromEnvironment,
            // Targets move behind their names; a connection kept for ever would never notice.
            PooledConnectionLifetime = TimeSpan.FromMinutes(30),
            SslOptions = TlsOptions(config),
            ConnectCallback = ConnectAsync,
        };
        if (config.ProxyUrl is { } proxy)
        {
            handler.Proxy = new WebProxy(proxy, BypassOnLocal: false, BypassPatterns(config.NoProxy));
        }

        return new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = config.EnableHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var isUnix = context.InitialRequestMessage.Options.TryGetValue(UnixSocket, out var path) && path.Length > 0;
        var socket = isUnix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            EndPoint endPoint = isUnix ? new UnixDomainSocketEndPoint(path!) : context.DnsEndPoint;
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string[] BypassPatterns(string noProxy) =>
        [.. noProxy.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(host => System.Text.RegularExpressions.Regex.Escape(host.TrimStart('.')) + @"(:\d+)?$")];

    private static SslClientAuthenticationOptions TlsOptions(HttpClientConfig config)
    {
        var tls = config.Tls;
        var options = new SslClientAuthenticationOptions { EnabledSslProtocols = Protocols(tls) };
        if (tls.ServerName.Length > 0)
        {
            options.TargetHost = tls.ServerName;
        }

        if (tls.Certificate is { } certificate && tls.Key is { } key)
        {
            // Read at every handshake, so that a renewed certificate needs no reload.
            options.LocalCertificateSelectionCallback = (_, _, _, _, _) => ReadClientCertificate(certificate, key);
        }

        if (tls.InsecureSkipVerify)
        {
            // The operator wrote insecure_skip_verify.
#pragma warning disable CA5359
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (tls.Ca is { } authority)
        {
            options.RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsTrusted(authority, certificate, errors);
        }

        return options;
    }

    private static X509Certificate2 ReadClientCertificate(Secret certificate, Secret key) =>
        X509Certificate2.CreateFromPem(certificate.Read(), key.Read());

    private static bool IsTrusted(Secret authority, X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(authority.Read());
        return chain.Build(new X509Certificate2(certificate));
    }

    private static SslProtocols Protocols(TlsConfig tls)
    {
        if (tls.MinVersion.Length == 0 && tls.MaxVersion.Length == 0)
        {
            return SslProtocols.None;
        }

        // Older versions than 1.2 are asked for by name only, and the platform may still refuse them.
#pragma warning disable CA5397, CA5398, SYSLIB0039
        (string Name, SslProtocols Protocol)[] known =
            [("TLS10", SslProtocols.Tls), ("TLS11", SslProtocols.Tls11), ("TLS12", SslProtocols.Tls12), ("TLS13", SslProtocols.Tls13)];
#pragma warning restore CA5397, CA5398, SYSLIB0039
        var first = Math.Max(0, Array.FindIndex(known, k => k.Name == tls.MinVersion));
        var last = Array.FindIndex(known, k => k.Name == tls.MaxVersion);
        return known[first..(last < 0 ? known.Length : last + 1)].Aggregate(SslProtocols.None, (all, k) => all | k.Protocol);
    }
}
