using System.Globalization;

namespace Flyball.Bench.Peers.Processes;

/// <summary>VictoriaMetrics, single node, with its defaults, but for a retention that keeps everything and no cache of answers.</summary>
internal sealed class VictoriaMetricsPeer(string program, string folder) : Peer(program, folder)
{
    public override string Name => "VictoriaMetrics";

    public override string QueryParameters => "&nocache=1";

    /// <summary>Flushes to files, merges all parts of all partitions into one, and waits until that has ended.</summary>
    public override async Task<long> CompactAsync(CancellationToken cancellationToken)
    {
        await GetAsync("/internal/force_flush", cancellationToken);
        await GetAsync("/internal/force_merge", cancellationToken);
        do
        {
            await Task.Delay(1000, cancellationToken);
        }
        while (await GaugeAsync("vm_active_force_merges", cancellationToken) + await GaugeAsync("vm_active_merges", cancellationToken) > 0);

        await RestAsync(TimeSpan.FromSeconds(30), cancellationToken);
        return SizeOf(Path.Combine(Folder, "data", "data"), Path.Combine(Folder, "data", "indexdb"));
    }

    protected override IEnumerable<string> Arguments(int port) =>
    [
        $"-storageDataPath={Path.Combine(Folder, "data")}", $"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=100y", "-search.disableCache",
        "-search.maxQueryDuration=120s", "-search.maxUniqueTimeseries=5000000", "-loggerLevel=WARN",
    ];

    private async Task<string> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await Http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    private async Task<double> GaugeAsync(string name, CancellationToken cancellationToken) =>
        (await GetAsync("/metrics", cancellationToken)).Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Sum(line => double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture));
}
