using System.Text.Json;

namespace Flyball.Bench.Peers.Processes;

/// <summary>A program with Prometheus' admin API: a snapshot seals what is in memory and copies (links) every block.</summary>
internal abstract class BlockStorePeer(string program, string folder) : Peer(program, folder)
{
    protected abstract string SnapshotsFolder { get; }

    public override async Task<long> CompactAsync(CancellationToken cancellationToken)
    {
        using var response = await Http.PostAsync(new Uri("/api/v1/admin/tsdb/snapshot", UriKind.Relative), content: null, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        var snapshot = Path.Combine(SnapshotsFolder, answer.RootElement.GetProperty("data").GetProperty("name").GetString()!);
        var size = SizeOf(snapshot);
        Directory.Delete(snapshot, recursive: true);
        return size;
    }
}

/// <summary>Prometheus with its defaults, but for the remote-write receiver, the admin API and a retention that keeps everything.</summary>
internal sealed class PrometheusPeer(string program, string folder) : BlockStorePeer(program, folder)
{
    public override string Name => "Prometheus";

    protected override string SnapshotsFolder => Path.Combine(Folder, "data", "snapshots");

    protected override IEnumerable<string> Arguments(int port)
    {
        var config = Path.Combine(Folder, "prometheus.yml");
        File.WriteAllText(config, "global: {scrape_interval: 30s}\n");
        return
        [
            $"--config.file={config}", $"--storage.tsdb.path={Path.Combine(Folder, "data")}", $"--web.listen-address=127.0.0.1:{port}",
            "--web.enable-remote-write-receiver", "--web.enable-admin-api", "--storage.tsdb.retention.time=100y", "--log.level=warn",
        ];
    }
}

/// <summary>Flyball with its defaults, but for the admin API, a retention that keeps everything, and no look at this machine or itself: samples of now would
/// make the history late, for it as for Prometheus, which does not watch itself unless told.</summary>
internal sealed class FlyballPeer(string program, string folder, bool spanMetrics) : BlockStorePeer(program, folder)
{
    public override string Name => "Flyball";

    public override string QueryParameters => "&nocache=1";

    protected override string SnapshotsFolder => Path.Combine(Folder, "data", "metrics", "snapshots");

    protected override IEnumerable<string> Arguments(int port)
    {
        var config = Path.Combine(Folder, "flyball.yml");
        File.WriteAllText(config, """
            global: {scrape_interval: 30s}
            host: {enabled: false, interval: 10y}
            storage: {tsdb: {retention: {time: 100y}}}

            """ + (spanMetrics ? "" : "traces: {span_metrics: {enabled: false}, service_graph: {enabled: false}}\n"));
        return
        [
            "serve", "--config", config, "--data", Path.Combine(Folder, "data"), "--listen", $"127.0.0.1:{port}",
            "--otlp-grpc", "none", "--otlp-http", "none", "--web.enable-admin-api",
        ];
    }
}
