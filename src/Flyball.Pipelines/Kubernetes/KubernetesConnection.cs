namespace Flyball.Pipelines.Kubernetes;

/// <summary>How to reach a Kubernetes API server and prove who asks.</summary>
public sealed record KubernetesConnection
{
    private const string ServiceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Address of the API server.</summary>
    public required Uri Server { get; init; }

    /// <summary>The bearer token of this moment, asked for at every request: service-account tokens rotate. Null = none.</summary>
    public Func<string?> Token { get; init; } = static () => null;

    /// <summary>Certificates of the authorities to trust, PEM; null = those of the machine.</summary>
    public string? AuthorityPem { get; init; }

    /// <summary>The client's certificate and its key, PEM; null = none.</summary>
    public (string Certificate, string Key)? ClientPem { get; init; }

    /// <summary>Whether any server certificate will do.</summary>
    public bool SkipVerification { get; init; }

    /// <summary>The connection a pod has by its service account; null when this is no pod.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="folder">Where the service account is mounted.</param>
    public static KubernetesConnection? InCluster(Func<string, string?> variable, string folder = ServiceAccountFolder)
    {
        var token = Path.Combine(folder, "token");
        var authority = Path.Combine(folder, "ca.crt");
        if (variable("KUBERNETES_SERVICE_HOST") is not { Length: > 0 } host || !File.Exists(token))
        {
            return null;
        }

        var port = variable("KUBERNETES_SERVICE_PORT") is { Length: > 0 } given ? given : "443";
        var address = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        return new KubernetesConnection
        {
            Server = new Uri($"https://{address}:{port}/"),
            Token = () => ReadToken(token),
            AuthorityPem = File.Exists(authority) ? File.ReadAllText(authority) : null,
        };
    }

    /// <summary>Reads a token's file as it is now; null when it cannot be read.</summary>
    public static string? ReadToken(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
