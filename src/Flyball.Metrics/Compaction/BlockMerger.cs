using Flyball.Durable.Files;
using Flyball.Metrics.Blocks;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.Compaction;

/// <summary>Writes several blocks into one. Holds one series at a time in memory, and the indexes of what it reads.</summary>
internal static class BlockMerger
{
    private const int SeriesPerTurn = 64;

    /// <summary>Merges blocks, given oldest first, and publishes the result.</summary>
    /// <returns>The number of the new block, or null if there was no sample to keep.</returns>
    /// <exception cref="DamagedFileException">One of them is damaged; nothing is published.</exception>
    public static async Task<long?> MergeAsync(
        IReadOnlyList<Block> blocks, BlockSet set, IFileSystem files, CompactionPace pace, CancellationToken cancellationToken)
    {
        var (number, path) = set.NewBlock();
        using var writer = new BlockWriter(files, path, number);
        var walk = new MergedWalk(blocks, TimeRange.All);
        walk.Announce(w => writer.Announce(w.Labels));
        writer.BeginSeries();
        using var samples = new SampleColumns();
        for (var done = 0; walk.TryNext(samples); done++)
        {
            writer.Add(walk.Labels, samples);
            if (done % SeriesPerTurn == 0)
            {
                await pace.RestAsync(cancellationToken);
            }
        }

        if (writer.SeriesCount == 0)
        {
            return null;
        }

        writer.Finish(
            blocks.Min(b => b.Facts.StartMs),
            blocks.Max(b => b.Facts.UntilMs),
            Math.Min(byte.MaxValue, blocks.Max(b => b.Facts.Level) + 1),
            [.. blocks.SelectMany(b => b.Facts.Heads).Distinct().Order()]);
        return number;
    }
}
