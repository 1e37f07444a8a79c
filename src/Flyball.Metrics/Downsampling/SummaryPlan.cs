using Flyball.Metrics.Blocks;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.Downsampling;

/// <summary>Which stretches of a query are read from summaries, and which from raw samples.</summary>
/// <remarks>
/// <para>Summaries take part where they cannot be told from raw samples: there is a kind for the function, and every window the
/// reader looks at ends and begins between two stretches (the last time, the step and the window are multiples of the
/// resolution). Coarse resolutions come first.</para>
/// <para>Where raw samples are gone, the finest summaries there are take their place whatever the step; the answer is then an
/// approximation, and says so.</para>
/// </remarks>
internal sealed class SummaryPlan : IDisposable
{
    private readonly List<SummaryStretch> _stretches;

    private SummaryPlan(List<SummaryStretch> stretches, SummaryKind kind, IReadOnlyList<string> notes)
    {
        _stretches = stretches;
        Kind = kind;
        Notes = notes;
    }

    /// <summary>Stretches in order of time; those without a block are to be read raw. Their blocks are held until taken.</summary>
    public IReadOnlyList<SummaryStretch> Stretches => _stretches;

    public SummaryKind Kind { get; }

    /// <summary>What the reader should be told.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Plans a query, or returns null if raw samples answer all of it.</summary>
    /// <param name="sets">Coarsest first.</param>
    /// <param name="oldestRawMs">Where raw samples begin.</param>
    public static SummaryPlan? Of(SeriesQuery query, IReadOnlyList<SummarySet> sets, long oldestRawMs)
    {
        if (query.Hints is not { } hints || sets.Count == 0 || query.Range.IsEmpty)
        {
            return null;
        }

        var isInstant = hints.Window.Value == 0;
        var nearest = SummaryKinds.NearestFor(hints.Function, isInstant);
        var stretches = new List<SummaryStretch> { new(null, null, query.Range) };
        if (SummaryKinds.ExactFor(hints.Function, isInstant) is { } exact)
        {
            foreach (var set in sets.Where(s => IsAligned(query, hints, s.ResolutionMs)))
            {
                Fill(stretches, set.Of(exact), query.Range);
            }
        }

        var notes = new List<string>();
        foreach (var set in sets.Reverse())
        {
            var before = stretches.Count(s => s.Block is not null);
            Fill(stretches, set.Of(nearest), new TimeRange(query.Range.First, new TimestampMs(Math.Min(query.Range.Last.Value, oldestRawMs - 1))));
            if (stretches.Count(s => s.Block is not null) > before)
            {
                notes.Add($"raw samples before {new TimestampMs(oldestRawMs).ToDateTimeOffset():yyyy-MM-ddTHH:mm:ssZ} are gone; "
                    + $"summaries of {DurationText.Format(DurationMs.From(set.Rule.Resolution))} stand in for them");
            }
        }

        return stretches.Exists(s => s.Block is not null) ? new SummaryPlan(stretches, nearest, notes) : null;
    }

    /// <summary>Lets go of every block that nobody has taken.</summary>
    public void Dispose()
    {
        foreach (var stretch in _stretches)
        {
            stretch.Block?.LetGo();
        }

        _stretches.Clear();
    }

    /// <summary>Hands over the stretches; whoever takes them lets go of their blocks.</summary>
    public List<SummaryStretch> Take()
    {
        List<SummaryStretch> taken = [.. _stretches];
        _stretches.Clear();
        return taken;
    }

    private static bool IsAligned(SeriesQuery query, SelectHints hints, long resolutionMs) =>
        query.Range.Last.Value % resolutionMs == 0 && hints.Step.Value % resolutionMs == 0 && hints.Window.Value % resolutionMs == 0;

    // Puts the blocks of a set where raw stretches still are, as far as they lie inside a range.
    private static void Fill(List<SummaryStretch> stretches, BlockSet set, TimeRange inside)
    {
        foreach (var block in set.HoldAll())
        {
            var window = SummarySet.RangeOf(block.Facts.StartMs, block.Facts.UntilMs);
            var at = stretches.FindIndex(s => s.Block is null && Common(Common(s.Range, window), inside) is { IsEmpty: false });
            if (at < 0)
            {
                block.LetGo();
                continue;
            }

            var raw = stretches[at].Range;
            var covered = Common(Common(raw, window), inside);
            stretches.RemoveAt(at);
            if (covered.Last < raw.Last)
            {
                stretches.Insert(at, new SummaryStretch(null, null, new TimeRange(new TimestampMs(covered.Last.Value + 1), raw.Last)));
            }

            stretches.Insert(at, new SummaryStretch(block, set, covered));
            if (raw.First < covered.First)
            {
                stretches.Insert(at, new SummaryStretch(null, null, new TimeRange(raw.First, new TimestampMs(covered.First.Value - 1))));
            }
        }
    }

    private static TimeRange Common(TimeRange a, TimeRange b) =>
        new(a.First > b.First ? a.First : b.First, a.Last < b.Last ? a.Last : b.Last);
}

/// <summary>A stretch of a query.</summary>
/// <param name="Block">The summaries to read, held; null for raw samples.</param>
/// <param name="Set">Where the block belongs.</param>
internal readonly record struct SummaryStretch(Block? Block, BlockSet? Set, TimeRange Range);
