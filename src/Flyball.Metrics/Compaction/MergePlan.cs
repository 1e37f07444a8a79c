using Flyball.Metrics.Blocks;

namespace Flyball.Metrics.Compaction;

/// <summary>Which blocks to merge next.</summary>
internal static class MergePlan
{
    private const int Factor = 3;

    /// <summary>The most urgent group of at least two blocks, oldest first; empty when there is nothing to do.</summary>
    /// <remarks>
    /// 1. Blocks that overlap (late samples): they cost every reader twice. 2. Blocks inside one aligned window of three, nine,
    /// twenty-seven … times the smallest span, as soon as the window is over.
    /// </remarks>
    public static IReadOnlyList<Block> Next(IReadOnlyList<Block> blocks, TimeSpan smallest, TimeSpan largest)
    {
        var overlapping = Overlapping(blocks);
        if (overlapping.Count > 0)
        {
            return overlapping;
        }

        var newest = blocks.Count == 0 ? long.MinValue : blocks.Max(b => b.Facts.UntilMs);
        for (var window = (long)smallest.TotalMilliseconds * Factor; window <= (long)largest.TotalMilliseconds; window *= Factor)
        {
            foreach (var group in blocks.GroupBy(b => FloorDivide(b.Facts.StartMs, window)))
            {
                var end = (group.Key + 1) * window;
                var inside = group.Where(b => b.Facts.UntilMs <= end && b.Facts.UntilMs - b.Facts.StartMs < window).ToList();
                if (inside.Count > 1 && newest >= end)
                {
                    return inside;
                }
            }
        }

        return [];
    }

    private static List<Block> Overlapping(IReadOnlyList<Block> blocks)
    {
        for (var i = 1; i < blocks.Count; i++)
        {
            if (blocks[i].Facts.StartMs >= blocks[i - 1].Facts.UntilMs)
            {
                continue;
            }

            var group = new List<Block> { blocks[i - 1] };
            var until = blocks[i - 1].Facts.UntilMs;
            for (; i < blocks.Count && blocks[i].Facts.StartMs < until; i++)
            {
                group.Add(blocks[i]);
                until = Math.Max(until, blocks[i].Facts.UntilMs);
            }

            return group;
        }

        return [];
    }

    private static long FloorDivide(long value, long by) => (value / by) - (value % by < 0 ? 1 : 0);
}
