using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;

namespace Flyball.Pipelines.Kubernetes;

/// <summary>Asks a Kubernetes API server: HTTP and nothing else.</summary>
internal sealed class KubernetesApi : IDisposable
{
    private readonly KubernetesConnection _connection;
    private readonly HttpClient _client;

    public KubernetesApi(KubernetesConnection connection)
    {
        _connection = connection;
        _client = new HttpClient(MakeHandler(connection), disposeHandler: true)
        {
            BaseAddress = new Uri(connection.Server.ToString().TrimEnd('/') + "/"),

            // Watches last; who asks sets limits of their own.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("flyball");
        _client.DefaultRequestHeaders.Accept.ParseAdd("application/json");
    }

    /// <summary>Begins an answer; its body is read by who asked.</summary>
    /// <exception cref="KubernetesRefusal">The server answered otherwise than 2xx.</exception>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    public async Task<HttpResponseMessage> GetAsync(string pathAndQuery, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, pathAndQuery);
        if (_connection.Token() is { Length: > 0 } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw new KubernetesRefusal(answer.StatusCode, RetryAfter(answer));
        }
    }

    public void Dispose() => _client.Dispose();

    private static TimeSpan? RetryAfter(HttpResponseMessage answer) => answer.Headers.RetryAfter?.Delta;

    private static SocketsHttpHandler MakeHandler(KubernetesConnection connection)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip,

            // A watch on a connection that died silently would wait for ever.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(30),
            ConnectTimeout = TimeSpan.FromSeconds(10),
        };
        if (connection.ClientPem is { } client)
        {
            handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPem(client.Certificate, client.Key)];
        }

        if (connection.SkipVerification)
        {
#pragma warning disable CA5359 // The operator's kubeconfig asks for exactly this, by name.
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (connection.AuthorityPem is { } pem)
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPem(pem);
            handler.SslOptions.CertificateChainPolicy = MakePolicy(authorities);
        }

        return handler;
    }

    private static X509ChainPolicy MakePolicy(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}

/// <summary>The API server answered otherwise than 2xx.</summary>
internal sealed class KubernetesRefusal(HttpStatusCode status, TimeSpan? retryAfter)
    : Exception($"the Kubernetes API answered {(int)status} {status}")
{
    public HttpStatusCode Status { get; } = status;

    /// <summary>How long it wants to be left alone, if it said so.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
