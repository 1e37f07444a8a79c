using Flyball.Durable.Files;
using Flyball.Server.Hosting;

namespace Flyball.Server;

/// <summary>What the command line says about a server; the rest is in its configuration file.</summary>
public sealed record ServerOptions
{
    /// <summary>Path of <c>flyball.yml</c> or <c>prometheus.yml</c>; null = built-in defaults.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Folder of everything durable; created if missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Main address; null = what the configuration says, else 127.0.0.1:9090.</summary>
    public ListenAddress? Listen { get; init; }

    /// <summary>OTLP/gRPC; null = what the configuration says.</summary>
    public string? OtlpGrpc { get; init; }

    /// <summary>OTLP/HTTP; null = what the configuration says.</summary>
    public string? OtlpHttp { get; init; }

    /// <summary>Whether to listen beyond loopback without access control.</summary>
    public bool Insecure { get; init; }

    /// <summary>Whether metrics may be deleted and copied over HTTP.</summary>
    public bool EnableAdminApi { get; init; }

    /// <summary>Whether the server may be stopped over HTTP; reloading it always may.</summary>
    public bool EnableLifecycle { get; init; }

    /// <summary>Prometheus' names of features that are off without being asked for.</summary>
    public IReadOnlyList<string> EnableFeatures { get; init; } = [];

    /// <summary>Regular expression of origins whose pages may read <c>/api/v1</c>; anchored.</summary>
    public string CorsOrigin { get; init; } = ".*";

    /// <summary>Where others reach this server; null = the main address. Links in notifications begin with it.</summary>
    public Uri? ExternalUrl { get; init; }

    /// <summary>Path before every route; null = the path of <see cref="ExternalUrl"/>.</summary>
    public string? RoutePrefix { get; init; }

    /// <summary>How far back an instant selector looks for its sample; null = what the configuration says.</summary>
    public TimeSpan? LookbackDelta { get; init; }

    /// <summary>Time after which a query fails; null = what the configuration says.</summary>
    public TimeSpan? QueryTimeout { get; init; }

    /// <summary>Samples one query may hold at once; null = what the configuration says.</summary>
    public int? QueryMaxSamples { get; init; }

    /// <summary>Queries that run at once, at least 1; null = what the configuration says.</summary>
    public int? QueryConcurrency { get; init; }

    /// <summary>What one remote read may cost.</summary>
    public RemoteReadLimits RemoteRead { get; init; } = new();

    /// <summary>Most results of one search.</summary>
    public int MostSearchResults { get; init; } = 10_000;

    /// <summary>Most listeners of <c>/api/v1/notifications/live</c>; more are turned away.</summary>
    public int MostNotificationListeners { get; init; } = 16;

    /// <summary>How long metrics are kept where the configuration does not say; null = 15 days.</summary>
    public TimeSpan? RetentionTime { get; init; }

    /// <summary>How many bytes of metrics are kept where the configuration does not say; null = any number.</summary>
    public long? RetentionBytes { get; init; }

    /// <summary>Prometheus' flags that were given, by name without dashes; shown by <c>/api/v1/status/flags</c>.</summary>
    public IReadOnlyDictionary<string, string> GivenFlags { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Folder of the built console; null = look beside the program.</summary>
    public string? ConsoleDirectory { get; init; }

    /// <summary>The disk of the metrics store; tests give one that fails.</summary>
    internal IFileSystem MetricsFiles { get; init; } = PhysicalFileSystem.Instance;

    /// <summary>The clock everything runs on.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>What one remote read may cost; the defaults are Prometheus'.</summary>
public sealed record RemoteReadLimits
{
    /// <summary>Samples in an answer that is not streamed; 0 = no limit.</summary>
    public int Samples { get; init; } = 50_000_000;

    /// <summary>Reads at once, at least 1; more wait.</summary>
    public int Concurrency { get; init; } = 10;

    /// <summary>Bytes of one frame of a streamed answer; a single chunk may exceed it.</summary>
    public int FrameBytes { get; init; } = 1 << 20;
}
