using Flyball.Durable.Files;
using Flyball.Metrics.Blocks;
using Flyball.Model.Time;
using Microsoft.Extensions.Logging;

namespace Flyball.Metrics.Downsampling;

/// <summary>The summaries of one resolution: for every kind a folder of blocks, each of one aligned window of time.</summary>
/// <remarks>
/// A window counts as summarised for a kind when the block of that kind and window is there; a kind without samples has an
/// empty block. So a crash between two kinds, or damage to one block, costs nothing but writing that one again.
/// </remarks>
internal sealed class SummarySet
{
    public const string Folder = "downsampled";

    private readonly Dictionary<SummaryKind, BlockSet> _blocks = [];

    public SummarySet(DownsamplingRule rule, TimeSpan largestBlockSpan, string directory, IFileSystem files, ILogger logger, StoreMeter meter)
    {
        Rule = rule;
        ResolutionMs = (long)rule.Resolution.TotalMilliseconds;
        WindowMs = Math.Max(1, (long)largestBlockSpan.TotalMilliseconds / ResolutionMs) * ResolutionMs;
        foreach (var kind in SummaryKinds.All)
        {
            _blocks[kind] = new BlockSet(Path.Combine(directory, Folder, FolderOf(rule), SummaryKinds.NameOf(kind)), files, logger, meter);
        }
    }

    public DownsamplingRule Rule { get; }

    public long ResolutionMs { get; }

    /// <summary>Length of what a block stands for; a multiple of the resolution.</summary>
    public long WindowMs { get; }

    public long Bytes => _blocks.Values.Sum(set => set.All.Sum(b => b.Length));

    public BlockSet Of(SummaryKind kind) => _blocks[kind];

    public void Open()
    {
        foreach (var set in _blocks.Values)
        {
            set.Open();
        }
    }

    public void Close()
    {
        foreach (var set in _blocks.Values)
        {
            set.Close();
        }
    }

    /// <summary>Whether the summaries of a kind are there for the window that begins behind a time.</summary>
    public bool Has(SummaryKind kind, long startMs) => _blocks[kind].All.Any(b => b.Facts.StartMs == startMs);

    /// <summary>The times that a window or a block of one stands for.</summary>
    public static TimeRange RangeOf(long startMs, long untilMs) => new(new TimestampMs(startMs + 1), new TimestampMs(untilMs));

    /// <summary>Widens a range to whole stretches.</summary>
    public TimeRange Widened(TimeRange range) => new(
        range.First.Value <= long.MinValue / 2 ? range.First : new TimestampMs(SeriesSummary.StretchEnd(range.First.Value, ResolutionMs) - ResolutionMs + 1),
        range.Last.Value >= long.MaxValue / 2 ? range.Last : new TimestampMs(SeriesSummary.StretchEnd(range.Last.Value, ResolutionMs)));

    /// <summary>Deletes the summaries of windows that touch a range, so that they are made again; of those only that lie where raw samples are.</summary>
    public void Forget(TimeRange range, long oldestRawMs, string reason)
    {
        foreach (var set in _blocks.Values)
        {
            foreach (var block in set.All)
            {
                if (block.Facts.StartMs >= oldestRawMs && RangeOf(block.Facts.StartMs, block.Facts.UntilMs).Overlaps(range))
                {
                    set.Replace([block], null, reason);
                }
            }
        }
    }

    private static string FolderOf(DownsamplingRule rule) => DurationText.Format(DurationMs.From(rule.Resolution));
}
