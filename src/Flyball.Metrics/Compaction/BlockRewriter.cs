using Flyball.Durable.Files;
using Flyball.Metrics.Blocks;
using Flyball.Metrics.Index;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.Compaction;

/// <summary>Writes a block again without samples that are to be deleted.</summary>
internal static class BlockRewriter
{
    /// <summary>Whether a block holds series that one of the selectors accepts, at times the range touches.</summary>
    public static bool Touches(Block block, IReadOnlyList<IReadOnlyList<Matcher>> selectors, TimeRange range, CancellationToken cancellationToken)
    {
        if (block.Facts.OldestMs > range.Last.Value || block.Facts.NewestMs < range.First.Value)
        {
            return false;
        }

        using var doomed = Doomed(block, selectors, cancellationToken);
        return doomed.Count() > 0;
    }

    /// <summary>Writes and publishes what is left.</summary>
    /// <returns>The number of the new block, or null if nothing is left.</returns>
    public static long? Rewrite(
        Block block, IReadOnlyList<IReadOnlyList<Matcher>> selectors, TimeRange range, BlockSet set, IFileSystem files, CancellationToken cancellationToken)
    {
        using var doomed = Doomed(block, selectors, cancellationToken);
        var (number, path) = set.NewBlock();
        using var writer = new BlockWriter(files, path, number);
        var walk = block.Walk();
        for (var series = 0; series < block.Index.SeriesCount; series++)
        {
            walk.MoveTo(series);
            writer.Announce(walk.Labels);
        }

        writer.BeginSeries();
        walk = block.Walk();
        var known = new KnownTimes();
        using var samples = new SampleColumns();
        using var kept = new SampleColumns();
        for (var series = 0; series < block.Index.SeriesCount; series++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            walk.MoveTo(series);
            samples.Clear();
            walk.Pages.ForEach(page => block.Read(page, TimeRange.All, samples, known));
            if (doomed.Contains(series))
            {
                Keep(samples, range, kept);
                writer.Add(walk.Labels, kept);
            }
            else
            {
                writer.Add(walk.Labels, samples);
            }
        }

        if (writer.SeriesCount == 0)
        {
            return null;
        }

        // One level up with the same heads: after a crash the start knows which of the two counts.
        writer.Finish(block.Facts.StartMs, block.Facts.UntilMs, Math.Min(byte.MaxValue, block.Facts.Level + 1), block.Facts.Heads);
        return number;
    }

    private static SeriesBits Doomed(Block block, IReadOnlyList<IReadOnlyList<Matcher>> selectors, CancellationToken cancellationToken)
    {
        var doomed = new SeriesBits(block.Index.SeriesCount);
        foreach (var selector in selectors)
        {
            using var matched = Matching.Find(block.Index, block.Index.SeriesCount, selector, cancellationToken);
            foreach (var series in matched.ToArray())
            {
                doomed.Add(series);
            }
        }

        return doomed;
    }

    private static void Keep(SampleColumns from, TimeRange deleted, SampleColumns to)
    {
        to.Clear();
        for (var i = 0; i < from.Count; i++)
        {
            if (deleted.Contains(new TimestampMs(from.TimestampsMs[i])))
            {
                continue;
            }

            var start = from.StartTimestampsMs.IsEmpty ? 0 : from.StartTimestampsMs[i];
            if (from.HasHistograms && from.Histograms[i] is NativeHistogram histogram)
            {
                to.Add(from.TimestampsMs[i], histogram, start);
            }
            else
            {
                to.Add(from.TimestampsMs[i], from.Values[i], start);
            }
        }
    }
}
