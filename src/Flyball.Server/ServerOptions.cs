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

    /// <summary>Folder of the built console; null = look beside the program.</summary>
    public string? ConsoleDirectory { get; init; }

    /// <summary>The disk of the metrics store; tests give one that fails.</summary>
    internal IFileSystem MetricsFiles { get; init; } = PhysicalFileSystem.Instance;

    /// <summary>The clock everything runs on.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
