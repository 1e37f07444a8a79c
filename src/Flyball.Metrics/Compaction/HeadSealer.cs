using Flyball.Metrics.Blocks;
using Flyball.Metrics.Head;
using Flyball.Metrics.Reading;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.Compaction;

/// <summary>Writes a head that takes no more samples into a block.</summary>
internal static class HeadSealer
{
    /// <summary>Writes and publishes the block.</summary>
    /// <returns>Its number.</returns>
    public static long Seal(HeadPart head, BlockSet blocks, Durable.Files.IFileSystem files, CancellationToken cancellationToken)
    {
        var (number, path) = blocks.NewBlock();
        using var writer = new BlockWriter(files, path, number);
        var views = new HeadSeriesView[head.Series.Count];
        for (var series = 0; series < views.Length; series++)
        {
            views[series] = head.Capture(series);
            writer.Announce(head.Series.Labels(series));
        }

        writer.BeginSeries();
        head.Order.Sort(views);
        using var samples = new SampleColumns();
        foreach (var view in views)
        {
            cancellationToken.ThrowIfCancellationRequested();
            samples.Clear();
            head.Reader.Read(view, TimeRange.All, samples);
            if ((view.Flags & (SeriesFlags.Overlaps | SeriesFlags.OpenUnordered)) != SeriesFlags.None)
            {
                SampleOrder.Restore(samples, 0);
            }

            writer.Add(head.Series.Labels(view.Series), samples);
        }

        writer.Finish(head.StartMs, head.UntilMs, level: 1, [head.Number]);
        return number;
    }
}
