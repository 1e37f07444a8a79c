using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.PromQL.Evaluation;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Functions;

/// <summary>What a range function sees of one series: its samples and, for each step, which of them are in the window.</summary>
internal readonly ref struct RangeInput
{
    public required RangeCall Call { get; init; }

    public required QueryScope Scope { get; init; }

    public required LabelSet Labels { get; init; }

    public required ReadOnlySpan<long> Times { get; init; }

    public required ReadOnlySpan<double> Values { get; init; }

    /// <summary>Start times of the floats' counters; empty unless known and to be used.</summary>
    public required ReadOnlySpan<long> Starts { get; init; }

    public required ReadOnlySpan<int> From { get; init; }

    public required ReadOnlySpan<int> Until { get; init; }

    public required ReadOnlySpan<long> HistogramTimes { get; init; }

    public required ReadOnlySpan<NativeHistogram> Histograms { get; init; }

    public required ReadOnlySpan<long> HistogramStarts { get; init; }

    public required ReadOnlySpan<int> HistogramsFrom { get; init; }

    public required ReadOnlySpan<int> HistogramsUntil { get; init; }

    /// <summary>What follows from the times alone, kept from series to series.</summary>
    public required WindowGeometry Geometry { get; init; }

    /// <summary>Changes with the times of the floats.</summary>
    public required int TimesVersion { get; init; }

    public int Steps => From.Length;

    /// <summary>The end of a step's window.</summary>
    public long EndOf(int step) => Call.Timing.ReferenceOf(Scope.Grid.At(step));

    /// <summary>The start of a step's window, itself outside.</summary>
    public long StartOf(int step) => EndOf(step) - Call.RangeMs;

    public int CountAt(int step) => Until[step] - From[step];

    public int HistogramCountAt(int step) => HistogramsUntil[step] - HistogramsFrom[step];

    /// <summary>Ends a query that is over, now and then: one series may have ten thousand long windows.</summary>
    public void StopIfDone(int step)
    {
        if ((step & 31) == 0)
        {
            Scope.Budget.ThrowIfDone();
        }
    }

    public string QuotedName => GoQuoting.Quote(Labels.MetricName);

    public void Warn(string text) => Scope.Annotations.Warn(Call.ArgumentSpan, text);

    public void Inform(string text) => Scope.Annotations.Inform(Call.ArgumentSpan, text);

    public void WarnOfMix() => Warn("encountered a mix of histograms and floats for metric name " + QuotedName);

    public void WarnOfMixedBuckets() =>
        Warn("vector contains a mix of histograms with exponential and custom buckets schemas for metric name " + QuotedName);

    public void InformOfIgnoredHistograms() =>
        Inform("ignored histograms in a range containing both floats and histograms for metric name " + QuotedName);
}

/// <summary>A call of a range function: its window and where its arguments stand.</summary>
/// <param name="Timing">Where the windows end.</param>
/// <param name="RangeMs">Length of the windows.</param>
/// <param name="Edges">Anchored, smoothed or neither.</param>
/// <param name="ArgumentSpan">Position of the first argument, for annotations.</param>
/// <param name="Parameters">Scalar arguments per step, in the order of the call.</param>
internal sealed record RangeCall(
    SelectorTiming Timing, long RangeMs, EdgeMode Edges, SourceSpan ArgumentSpan, double[][] Parameters)
{
    /// <summary>See <see cref="SelectorPlan.OnlyStatistics"/>.</summary>
    public bool OnlyStatistics { get; init; }

    public double RangeSeconds => RangeMs / 1000.0;
}

/// <summary>A function of a range vector. Computes all steps of one series at once. Stateless: shared by threads.</summary>
internal abstract class RangeFunction
{
    /// <summary>Whether the metric's name stays, as with functions that only pick a sample.</summary>
    public virtual bool KeepsName => false;

    /// <summary>Writes the result of every step that has one.</summary>
    public abstract void Evaluate(in RangeInput input, SeriesRow output);
}
