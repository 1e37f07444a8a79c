using System.Text.Json.Serialization;
using Flyball.Ingest.Scraping;
using Flyball.Model.Time;

namespace Flyball.Ingest.Discovery;

/// <summary>One way to find targets.</summary>
[JsonDerivedType(typeof(StaticDiscoveryConfig), "static")]
[JsonDerivedType(typeof(FileDiscoveryConfig), "file")]
[JsonDerivedType(typeof(HttpDiscoveryConfig), "http")]
public abstract record DiscoveryConfig;

/// <summary><c>static_configs</c>: targets named in the configuration itself. Prometheus documentation, "Configuration".</summary>
public sealed record StaticDiscoveryConfig(IReadOnlyList<TargetGroup> Groups) : DiscoveryConfig;

/// <summary><c>file_sd_configs</c>: targets in files that are watched. Prometheus documentation, "Configuration".</summary>
/// <param name="Files">Paths ending in .json, .yml or .yaml; the last part may hold one <c>*</c>.</param>
/// <param name="RefreshInterval">How often they are read again even if nothing seems to have changed.</param>
public sealed record FileDiscoveryConfig(IReadOnlyList<string> Files, DurationMs RefreshInterval) : DiscoveryConfig
{
    /// <summary>The refresh interval of a configuration that names none.</summary>
    public static readonly DurationMs DefaultRefreshInterval = DurationMs.FromSeconds(300);
}

/// <summary><c>http_sd_configs</c>: targets asked of a server. Prometheus documentation, "Configuration".</summary>
public sealed record HttpDiscoveryConfig(Uri Url, DurationMs RefreshInterval, HttpClientConfig Http) : DiscoveryConfig
{
    /// <summary>The refresh interval of a configuration that names none.</summary>
    public static readonly DurationMs DefaultRefreshInterval = DurationMs.FromSeconds(60);
}

/// <summary>The ways to find targets by the keys of a scrape configuration: those that work here and those that only exist elsewhere.</summary>
public static class DiscoveryKinds
{
    /// <summary>Keys of discoveries that are served.</summary>
    public static IReadOnlyList<string> Served { get; } = ["static_configs", "file_sd_configs", "http_sd_configs"];

    /// <summary>Keys of discoveries that Prometheus has and this program refuses, saying so. Prometheus documentation, "Configuration".</summary>
    public static IReadOnlyList<string> Refused { get; } =
    [
        .. ((string[])
        [
            "aws", "azure", "consul", "digitalocean", "dns", "docker", "dockerswarm", "ec2", "ecs", "eureka", "gce", "hetzner", "ionos",
            "kubernetes", "kuma", "lightsail", "linode", "marathon", "msk", "nerve", "nomad", "oci", "openstack", "outscale", "ovhcloud",
            "puppetdb", "scaleway", "serverset", "stackit", "triton", "uyuni", "vultr",
        ]).Select(kind => kind + "_sd_configs"),
    ];

    /// <summary>What to tell the author of a configuration that uses a refused one.</summary>
    public const string WhyRefused = "is not served; write its targets to a file and use file_sd_configs, or serve them over http_sd_configs";
}
