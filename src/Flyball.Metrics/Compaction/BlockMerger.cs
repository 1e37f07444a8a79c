using Flyball.Durable.Files;
using Flyball.Metrics.Blocks;
using Flyball.Metrics.Reading;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.Compaction;

/// <summary>Writes several blocks into one. Holds one series at a time in memory, and the indexes of what it reads.</summary>
internal static class BlockMerger
{
    /// <summary>Merges blocks, given oldest first, and publishes the result.</summary>
    /// <returns>The number of the new block, or null if there was no sample to keep.</returns>
    /// <exception cref="DamagedFileException">One of them is damaged; nothing is published.</exception>
    public static long? Merge(IReadOnlyList<Block> blocks, BlockSet set, IFileSystem files, CancellationToken cancellationToken)
    {
        var (number, path) = set.NewBlock();
        using var writer = new BlockWriter(files, path, number);
        foreach (var block in blocks)
        {
            var walk = block.Walk();
            for (var series = 0; series < block.Index.SeriesCount; series++)
            {
                walk.MoveTo(series);
                writer.Announce(walk.Labels);
            }
        }

        writer.BeginSeries();
        CopySeries(blocks, writer, cancellationToken);
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

    private static void CopySeries(IReadOnlyList<Block> blocks, BlockWriter writer, CancellationToken cancellationToken)
    {
        var cursors = blocks.Select(b => new Cursor(b)).ToList();
        using var samples = new SampleColumns();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var least = Least(cursors);
            if (least is null)
            {
                return;
            }

            var labels = least.Labels.ToArray();
            samples.Clear();
            var disorder = false;
            foreach (var cursor in cursors)
            {
                if (cursor.IsOpen && cursor.Labels.SequenceEqual(labels))
                {
                    var before = samples.Count;
                    cursor.Read(samples);
                    disorder |= before > 0 && samples.Count > before && samples.TimestampsMs[before] <= samples.TimestampsMs[before - 1];
                    cursor.Next();
                }
            }

            if (disorder)
            {
                SampleOrder.Restore(samples, 0);
            }

            writer.Add(labels, samples);
        }
    }

    private static Cursor? Least(List<Cursor> cursors)
    {
        Cursor? least = null;
        foreach (var cursor in cursors)
        {
            if (cursor.IsOpen && (least is null || LabelSet.Compare(cursor.Labels, least.Labels) < 0))
            {
                least = cursor;
            }
        }

        return least;
    }

    private sealed class Cursor
    {
        private readonly Block _block;
        private readonly SeriesWalk _walk;
        private readonly KnownTimes _known = new();
        private int _series = -1;

        public Cursor(Block block)
        {
            _block = block;
            _walk = block.Walk();
            Next();
        }

        public bool IsOpen => _series < _block.Index.SeriesCount;

        public ReadOnlySpan<byte> Labels => _walk.Labels;

        public void Next()
        {
            _series++;
            if (IsOpen)
            {
                _walk.MoveTo(_series);
            }
        }

        public void Read(SampleColumns to)
        {
            foreach (var page in _walk.Pages)
            {
                _block.Read(page, TimeRange.All, to, _known);
            }
        }
    }
}
