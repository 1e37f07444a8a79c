using Flyball.Durable.Files;
using Flyball.Metrics.Blocks;
using Flyball.Metrics.Compaction;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Microsoft.Extensions.Logging;

namespace Flyball.Metrics.Downsampling;

/// <summary>Writes the summaries that are due, and deletes those that have outlived their time.</summary>
/// <remarks>Part of maintenance: one round at a time, and never while heads still hold samples of the window.</remarks>
internal sealed class Downsampler(IReadOnlyList<SummarySet> sets, BlockSet raw, IFileSystem files, TimeProvider time, ILogger logger, StoreMeter meter)
{
    private const int SeriesPerTurn = 64;

    /// <summary>One round.</summary>
    /// <param name="newestMs">The newest sample of the store: age is counted from it.</param>
    /// <param name="isInHeads">Whether samples of a range are still in memory.</param>
    public async Task RunAsync(long newestMs, Func<TimeRange, bool> isInHeads, CompactionPace pace, CancellationToken cancellationToken)
    {
        foreach (var set in sets)
        {
            DeleteOutlived(set, newestMs);
            var due = newestMs - (long)set.Rule.After.TotalMilliseconds;
            foreach (var start in Windows(set, due).Where(start => !IsOutlived(set, start + set.WindowMs, newestMs)))
            {
                if (!isInHeads(SummarySet.RangeOf(start, start + set.WindowMs)))
                {
                    await SummariseAsync(set, start, pace, cancellationToken);
                }
            }
        }
    }

    // Windows that are old enough, hold raw samples and lack summaries.
    private List<long> Windows(SummarySet set, long dueMs)
    {
        var starts = new SortedSet<long>();
        foreach (var block in raw.All)
        {
            var first = SeriesSummary.StretchEnd(block.Facts.OldestMs, set.WindowMs) - set.WindowMs;
            for (var start = first; start < block.Facts.NewestMs && start + set.WindowMs <= dueMs; start += set.WindowMs)
            {
                starts.Add(start);
            }
        }

        return [.. starts.Where(start => SummaryKinds.All.Any(kind => !set.Has(kind, start)))];
    }

    private async Task SummariseAsync(SummarySet set, long startMs, CompactionPace pace, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var range = SummarySet.RangeOf(startMs, startMs + set.WindowMs);
        var held = raw.HoldAll();
        try
        {
            var blocks = held.FindAll(b => b.Facts.OldestMs <= range.Last.Value && b.Facts.NewestMs >= range.First.Value);
            var kinds = SummaryKinds.All.Where(kind => !set.Has(kind, startMs)).ToList();
            var samples = await WriteAsync(set, startMs, range, blocks, kinds, pace, cancellationToken);
            meter.Compacted();
            var elapsed = (long)time.GetElapsedTime(started).TotalMilliseconds;
            MetricsLog.Downsampled(logger, samples, set.Rule.Resolution, startMs, elapsed);
        }
        catch (DamagedFileException e) when (held.Find(b => b.Path == e.Path) is { } damaged)
        {
            meter.CompactionFailed();
            raw.SetAside(damaged, e);
        }
        finally
        {
            held.ForEach(b => b.LetGo());
        }
    }

    private async Task<long> WriteAsync(
        SummarySet set, long startMs, TimeRange range, List<Block> blocks, List<SummaryKind> kinds, CompactionPace pace, CancellationToken cancellationToken)
    {
        var outputs = new List<Output>();
        try
        {
            kinds.ForEach(kind => outputs.Add(new Output(kind, set.Of(kind), files)));
            var walk = new MergedWalk(blocks, range);
            walk.Announce(w => outputs.ForEach(o => o.Writer.Announce(w.Labels)));
            outputs.ForEach(o => o.Writer.BeginSeries());
            using var samples = new SampleColumns();
            using var summary = new SampleColumns();
            long read = 0;
            for (var done = 0; walk.TryNext(samples); done++)
            {
                read += samples.Count;
                foreach (var output in outputs)
                {
                    summary.Clear();
                    SeriesSummary.Add(samples, output.Kind, set.ResolutionMs, summary);
                    output.Writer.Add(walk.Labels, summary);
                }

                if (done % SeriesPerTurn == 0)
                {
                    await pace.RestAsync(cancellationToken);
                }
            }

            foreach (var output in outputs)
            {
                output.Writer.Finish(startMs, startMs + set.WindowMs, level: 1, []);
                output.Set.Replace([], output.Set.OpenPublished(output.Number), "");
            }

            return read;
        }
        finally
        {
            outputs.ForEach(o => o.Writer.Dispose());
        }
    }

    private static bool IsOutlived(SummarySet set, long untilMs, long newestMs) =>
        set.Rule.KeepFor > TimeSpan.Zero && newestMs - untilMs >= (long)set.Rule.KeepFor.TotalMilliseconds;

    private static void DeleteOutlived(SummarySet set, long newestMs)
    {
        foreach (var kind in SummaryKinds.All)
        {
            foreach (var block in set.Of(kind).All)
            {
                if (IsOutlived(set, block.Facts.UntilMs, newestMs))
                {
                    set.Of(kind).Replace([block], null, $"it is older than summaries of {set.Rule.Resolution} are kept, {set.Rule.KeepFor}");
                }
            }
        }
    }

    private sealed class Output
    {
        public Output(SummaryKind kind, BlockSet set, IFileSystem files)
        {
            Kind = kind;
            Set = set;
            (Number, var path) = set.NewBlock();
            Writer = new BlockWriter(files, path, Number);
        }

        public SummaryKind Kind { get; }

        public BlockSet Set { get; }

        public long Number { get; }

        public BlockWriter Writer { get; }
    }
}
