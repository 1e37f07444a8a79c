namespace Flyball.Server;

/// <summary>A flag of the program <c>prometheus</c> that <c>flyball serve</c> takes too, so that its unit files keep working.</summary>
/// <param name="Name">Without the dashes.</param>
/// <param name="Default">What <c>/api/v1/status/flags</c> shows when it is not given.</param>
/// <param name="IsSwitch">Takes no value; <c>--no-NAME</c> switches it off.</param>
/// <param name="Without">Why it changes nothing here; null when it does what it says.</param>
public sealed record PrometheusFlag(string Name, string Default, bool IsSwitch = false, string? Without = null);

/// <summary>All of them. Prometheus documentation, "HTTP API".</summary>
public static class PrometheusFlags
{
    private const string NoTemplates = "console templates are not rendered; the console is built in";
    private const string OwnFormat = "it tunes Prometheus' own files; the formats here differ";
    private const string NoAgent = "there is no agent mode";
    private const string AlwaysOn = "it is always on";
    private const string RoutesItself = "alerts are routed here";

    /// <summary>In alphabetical order.</summary>
    public static IReadOnlyList<PrometheusFlag> All { get; } =
    [
        new("agent", "false", IsSwitch: true, Without: NoAgent),
        new("alertmanager.drain-notification-queue-on-shutdown", "true", IsSwitch: true, Without: RoutesItself),
        new("alertmanager.notification-batch-size", "256", Without: RoutesItself),
        new("alertmanager.notification-queue-capacity", "10000", Without: RoutesItself),
        new("auto-gomaxprocs", "true", IsSwitch: true, Without: "there is no Go runtime"),
        new("auto-gomemlimit", "true", IsSwitch: true, Without: "there is no Go runtime"),
        new("auto-gomemlimit.ratio", "0.9", Without: "there is no Go runtime"),
        new("config.auto-reload", "false", IsSwitch: true, Without: "send SIGHUP or POST /-/reload"),
        new("config.auto-reload-interval", "30s", Without: "send SIGHUP or POST /-/reload"),
        new("config.file", "prometheus.yml"),
        new("enable-feature", ""),
        new("log.format", "logfmt"),
        new("log.level", "info"),
        new("query.lookback-delta", "5m"),
        new("query.max-concurrency", "20"),
        new("query.max-samples", "50000000"),
        new("query.timeout", "2m"),
        new("rules.alert.for-grace-period", "10m", Without: "the state of alerts is kept over a restart"),
        new("rules.alert.for-outage-tolerance", "1h", Without: "the state of alerts is kept over a restart"),
        new("rules.alert.resend-delay", "1m", Without: RoutesItself),
        new("rules.max-concurrent-evals", "4", Without: "a query uses all processors already"),
        new("scrape.adjust-timestamps", "true", IsSwitch: true, Without: AlwaysOn),
        new("scrape.discovery-reload-interval", "5s", Without: "discoveries tell of changes at once"),
        new("scrape.timestamp-tolerance", "2ms", Without: AlwaysOn),
        new("storage.agent.no-lockfile", "false", IsSwitch: true, Without: NoAgent),
        new("storage.agent.path", "data-agent/", Without: NoAgent),
        new("storage.agent.retention.max-time", "0s", Without: NoAgent),
        new("storage.agent.retention.min-time", "0s", Without: NoAgent),
        new("storage.agent.wal-compression", "true", IsSwitch: true, Without: NoAgent),
        new("storage.remote.flush-deadline", "1m", Without: "nothing is sent by remote write"),
        new("storage.remote.read-concurrent-limit", "10"),
        new("storage.remote.read-max-bytes-in-frame", "1048576"),
        new("storage.remote.read-sample-limit", "50000000"),
        new("storage.tsdb.allow-overlapping-blocks", "true", IsSwitch: true, Without: AlwaysOn),
        new("storage.tsdb.delay-compact-file.path", "", Without: OwnFormat),
        new("storage.tsdb.head-chunks-write-queue-size", "0", Without: OwnFormat),
        new("storage.tsdb.max-block-chunk-segment-size", "0B", Without: OwnFormat),
        new("storage.tsdb.max-block-duration", "0s", Without: OwnFormat),
        new("storage.tsdb.min-block-duration", "2h", Without: OwnFormat),
        new("storage.tsdb.no-lockfile", "false", IsSwitch: true, Without: "the data directory is always locked"),
        new("storage.tsdb.path", "data/"),
        new("storage.tsdb.retention", "0s", Without: "give storage.tsdb.retention.time"),
        new("storage.tsdb.retention.size", "0B"),
        new("storage.tsdb.retention.time", "0s"),
        new("storage.tsdb.wal-compression", "true", IsSwitch: true, Without: OwnFormat),
        new("storage.tsdb.wal-compression-type", "snappy", Without: OwnFormat),
        new("storage.tsdb.wal-segment-size", "0B", Without: OwnFormat),
        new("web.config.file", ""),
        new("web.console.libraries", "console_libraries", Without: NoTemplates),
        new("web.console.templates", "consoles", Without: NoTemplates),
        new("web.cors.origin", ".*"),
        new("web.enable-admin-api", "false", IsSwitch: true),
        new("web.enable-lifecycle", "false", IsSwitch: true),
        new("web.enable-otlp-receiver", "false", IsSwitch: true, Without: AlwaysOn),
        new("web.enable-remote-write-receiver", "false", IsSwitch: true, Without: AlwaysOn),
        new("web.external-url", ""),
        new("web.listen-address", "127.0.0.1:9090"),
        new("web.local-assets", "", Without: NoTemplates),
        new("web.max-connections", "512", Without: "connections are not limited by number"),
        new("web.max-notifications-subscribers", "16"),
        new("web.page-title", "Flyball", Without: "the console has its own"),
        new("web.read-timeout", "5m", Without: "slow senders are ended by their rate"),
        new("web.remote-write-receiver.accepted-protobuf-messages", "prometheus.WriteRequest,io.prometheus.write.v2.Request", Without: "both are always accepted"),
        new("web.route-prefix", "/"),
        new("web.search.max-limit", "10000"),
        new("web.user-assets", "", Without: NoTemplates),
    ];
}
