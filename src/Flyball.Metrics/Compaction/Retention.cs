using Flyball.Metrics.Blocks;

namespace Flyball.Metrics.Compaction;

/// <summary>Which blocks have outlived their time or their room.</summary>
internal static class Retention
{
    /// <summary>Blocks to delete, with the reason.</summary>
    /// <param name="blocks">Oldest first.</param>
    /// <param name="otherBytes">What the store holds beside its blocks: the log.</param>
    public static IEnumerable<(Block Block, string Reason)> Outlived(
        IReadOnlyList<Block> blocks, MetricStoreOptions options, long newestMs, long otherBytes)
    {
        var size = otherBytes + blocks.Sum(b => b.Length);
        foreach (var block in blocks)
        {
            if (options.RetentionTime > TimeSpan.Zero && newestMs - block.Facts.UntilMs >= (long)options.RetentionTime.TotalMilliseconds)
            {
                size -= block.Length;
                yield return (block, $"it is older than the retention time {options.RetentionTime}");
            }
            else if (options.RetentionBytes > 0 && size > options.RetentionBytes)
            {
                size -= block.Length;
                yield return (block, $"the store is larger than its retention size of {options.RetentionBytes} bytes");
            }
        }
    }
}
