namespace Flyball.Pipelines.Kubernetes;

/// <summary>What is watched.</summary>
public sealed record TektonWatchOptions
{
    /// <summary>The API server.</summary>
    public required KubernetesConnection Connection { get; init; }

    /// <summary>Namespaces; none = all, which needs a cluster-wide role.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Labels the objects must have, in Kubernetes' own syntax; "" = any.</summary>
    public string LabelSelector { get; init; } = "";

    /// <summary>Objects per page of a list; at least 1.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>How long the server is asked to hold one watch; it may end earlier.</summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>First wait after a failure; doubles up to <see cref="MostRetry"/>.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait after a failure.</summary>
    public TimeSpan MostRetry { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Largest object in bytes; a larger one is passed over and counted.</summary>
    public int MostObjectBytes { get; init; } = 16 << 20;
}
