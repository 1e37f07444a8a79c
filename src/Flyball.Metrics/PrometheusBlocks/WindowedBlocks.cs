using Flyball.Durable.Files;
using Flyball.Metrics.Blocks;
using Flyball.Metrics.Reading;
using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>Writes series that came from elsewhere as blocks, one per stretch of time, past the head and its rules about late samples.</summary>
internal sealed class WindowedBlocks(IFileSystem files, long spanMs, BlockSet blocks, Func<long> newHeadNumber, Action<Block> publish)
{
    /// <summary>Blocks written so far.</summary>
    public int BlockCount { get; private set; }

    /// <summary>Samples in them.</summary>
    public long SampleCount { get; private set; }

    /// <summary>Writes all samples of the series, in whatever order they are, and gives their memory back.</summary>
    public void Write(IReadOnlyDictionary<LabelSet, PrometheusHead.Collected> all, CancellationToken cancellationToken)
    {
        var windows = new SortedSet<long>();
        foreach (var series in all.Values)
        {
            SampleOrder.Restore(series.Samples, 0);
            foreach (var time in series.Samples.TimestampsMs)
            {
                windows.Add(Window(time));
            }
        }

        using var kept = new SampleColumns();
        foreach (var window in windows)
        {
            var (number, path) = blocks.NewBlock();
            using var writer = new BlockWriter(files, path, number);
            foreach (var labels in all.Keys)
            {
                writer.Announce(labels.Encoded);
            }

            writer.BeginSeries();
            foreach (var (labels, series) in all)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Keep(series.Samples, kept, t => Window(t) == window && !series.Deleted.Exists(d => d.FirstMs <= t && t <= d.LastMs));
                writer.Add(labels.Encoded, kept);
            }

            Publish(writer, number, window, window + spanMs);
        }

        foreach (var series in all.Values)
        {
            series.Samples.Dispose();
        }
    }

    /// <summary>Finishes a block, unless it is empty.</summary>
    public void Publish(BlockWriter writer, long number, long startMs, long untilMs)
    {
        if (writer.SeriesCount == 0)
        {
            return;
        }

        writer.Finish(startMs, untilMs, level: 1, [newHeadNumber()]);
        publish(blocks.OpenPublished(number));
        BlockCount++;
        SampleCount += writer.SampleCount;
    }

    /// <summary>Copies the samples that are wanted, in order.</summary>
    public static void Keep(SampleColumns from, SampleColumns to, Func<long, bool> wanted)
    {
        to.Clear();
        var disorder = false;
        for (var i = 0; i < from.Count; i++)
        {
            var time = from.TimestampsMs[i];
            if (!wanted(time))
            {
                continue;
            }

            disorder |= to.Count > 0 && time <= to.TimestampsMs[^1];
            var start = from.StartTimestampsMs.IsEmpty ? 0 : from.StartTimestampsMs[i];
            if (from.HasHistograms && from.Histograms[i] is { } histogram)
            {
                to.Add(time, histogram, start);
            }
            else
            {
                to.Add(time, from.Values[i], start);
            }
        }

        if (disorder)
        {
            SampleOrder.Restore(to, 0);
        }
    }

    private long Window(long time) => time - (((time % spanMs) + spanMs) % spanMs);
}
