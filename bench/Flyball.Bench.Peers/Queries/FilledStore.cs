using Flyball.Bench.Peers.Processes;
using Flyball.Bench.Peers.Workload;
using Flyball.Bench.Peers.Writing;

namespace Flyball.Bench.Peers.Queries;

/// <summary>A store with the whole history in it, kept between runs.</summary>
internal static class FilledStore
{
    /// <summary>Fills the store of a stopped program unless that has been done.</summary>
    public static async Task EnsureAsync(Peer peer, Dataset dataset, bool again, CancellationToken cancellationToken)
    {
        var mark = Path.Combine(peer.Folder, "filled");
        if (File.Exists(mark) && !again)
        {
            return;
        }

        if (Directory.Exists(peer.Folder))
        {
            Directory.Delete(peer.Folder, recursive: true);
        }

        peer.Start();
        await peer.ReadyAsync(cancellationToken);
        var figures = await new Feeder(dataset).FeedAsync(peer, 0, dataset.Facts.MainRequests, cancellationToken);
        await peer.RestAsync(TimeSpan.FromSeconds(20), cancellationToken);
        await peer.StopAsync(cancellationToken);
        await File.WriteAllTextAsync(mark, "", cancellationToken);
        Console.Error.WriteLine($"{peer.Name}: filled in {figures.Wall.TotalSeconds:F0} s");
    }
}
