using Flyball.Model.Histograms;
using Flyball.Model.Labels;

namespace Flyball.PromQL.Testing;

/// <summary>A series of a rule unit test: its labels and a sample per step, written as in test scripts.</summary>
/// <param name="Labels">Its labels.</param>
/// <param name="Steps">For each step its sample, or null for a gap.</param>
/// <remarks>Prometheus documentation, "Querying".</remarks>
public sealed record TestSeries(LabelSet Labels, IReadOnlyList<TestSample?> Steps)
{
    /// <summary>Reads a series and its values, e.g. <c>up{job="a"}</c> and <c>0+1x10 _ stale</c>.</summary>
    /// <exception cref="FormatException">One of them is malformed; the message says where.</exception>
    public static TestSeries Parse(string series, string values)
    {
        var description = SeriesDescription.Parse(series + " " + values);
        var hints = new StoredHints();
        return new TestSeries(
            description.Labels,
            [.. description.Items.Select(i => i.IsGap ? null : new TestSample(i.Value, hints.Apply(i)))]);
    }

    /// <summary>Reads labels, e.g. <c>up{job="a"}</c>; an empty text has none.</summary>
    /// <exception cref="FormatException">They are malformed; the message says where.</exception>
    public static LabelSet ParseLabels(string text) =>
        text.Length == 0 ? LabelSet.Empty : SeriesDescription.Parse(text).Labels;

    /// <summary>Whether a result is the histogram that is written down, e.g. as <c>{{count:2 sum:3 buckets:[2]}}</c>.</summary>
    /// <exception cref="FormatException">It is malformed; the message says where.</exception>
    public static bool IsHistogram(string expected, NativeHistogram actual)
    {
        var items = SeriesDescription.Parse("{} " + expected).Items;
        return items is [{ Histogram: not null } item] && ResultComparison.Same(item, actual);
    }
}

/// <summary>A sample of a test series.</summary>
/// <param name="Value">A float; a staleness marker for <c>stale</c>.</param>
/// <param name="Histogram">The histogram instead of a float.</param>
public sealed record TestSample(double Value, NativeHistogram? Histogram);
