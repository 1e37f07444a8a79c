using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.PromQL.Evaluation;

/// <summary>Where in time a selector or subquery looks when it is evaluated at some step.</summary>
/// <param name="AtMs">The time that <c>@</c> pins it to; null = the step's own.</param>
/// <param name="OffsetMs">What <c>offset</c> takes off.</param>
internal readonly record struct SelectorTiming(long? AtMs, long OffsetMs)
{
    /// <summary>The time looked at for an evaluation time.</summary>
    public long ReferenceOf(long evaluationMs) => (AtMs ?? evaluationMs) - OffsetMs;

    /// <summary>What lies between the times looked at for neighbouring steps.</summary>
    public long DistanceOf(StepGrid grid) => AtMs is null ? grid.StepMs : 0;

    /// <summary>The times looked at over all steps: first and last.</summary>
    public (long First, long Last) Span(StepGrid grid) => (ReferenceOf(grid.StartMs), ReferenceOf(grid.EndMs));

    /// <summary>What to ask the source for.</summary>
    public SeriesQuery Query(SelectorPlan plan, QueryScope scope, long beforeMs, long afterMs, long windowMs, string function)
    {
        var (first, last) = Span(scope.Grid);
        // Windows are open to the left: the millisecond at the edge is not in them.
        var range = new TimeRange(new TimestampMs(first - beforeMs + 1), new TimestampMs(last + afterMs));
        return new SeriesQuery(range, plan.Matchers)
        {
            SeriesLimit = scope.Budget.Limits.MaxSeries,
            Hints = new SelectHints(new DurationMs(scope.Grid.Count > 1 ? scope.Grid.StepMs : 0), new DurationMs(windowMs), function)
            {
                KeptLabels = plan.KeptLabels,
            },
        };
    }
}

/// <summary>A selector ready to be asked for.</summary>
internal sealed record SelectorPlan(
    IReadOnlyList<Model.Labels.Matcher> Matchers, SelectorTiming Timing, Syntax.EdgeMode Edges, Syntax.SourceSpan Span)
{
    /// <summary>Only count and sum of histograms are asked for: what is unknown about resets is found by comparing neighbours.</summary>
    public bool OnlyStatistics { get; init; }

    /// <summary>The only labels that are looked at, because an aggregation directly above groups by them; null = all.</summary>
    public IReadOnlyList<string>? KeptLabels { get; init; }

    /// <summary>Which stretch of time samples come from, if it is not the one looked at: <c>info()</c> fetches where its argument
    /// looks and looks at the steps themselves.</summary>
    public SelectorTiming? Fetched { get; init; }

    /// <summary>Whether all series bear one name.</summary>
    public bool HasOneName { get; } = Matchers.Any(m => m is { Name: Model.Labels.LabelSet.MetricNameLabel, Op: Model.Labels.MatchOp.Equal });
}
