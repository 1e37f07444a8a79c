using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.PromQL.Child;

/// <summary>A thousand series whose samples are made when they are read, every 15 seconds for a day.</summary>
internal sealed class FormulaSource : ISeriesSource
{
    public const long IntervalMs = 15_000;
    public const long EndMs = 86_400_000;

    private readonly LabelSet[] _series =
    [
        .. from name in (string[])["h_bucket", "x", "y_total"]
           from i in Enumerable.Range(0, 333)
           let le = i % 10 == 9 ? "+Inf" : (i % 10).ToString()
           select LabelSet.Of(("__name__", name), ("g", (i % 7).ToString()), ("i", (i + 1000).ToString()), ("le", le)),
    ];

    public ISeriesSelection Select(SeriesQuery query, CancellationToken cancellationToken) =>
        new Selection(query, Array.FindAll(_series, s => query.Matchers.All(m => m.Matches(s))));

    public IReadOnlyList<string> LabelNames(SeriesQuery query, CancellationToken cancellationToken) => ["__name__", "g", "i", "le"];

    public IReadOnlyList<string> LabelValues(string labelName, SeriesQuery query, CancellationToken cancellationToken) =>
        [.. _series.Select(s => s[labelName]).Distinct().Order(StringComparer.Ordinal)];

    private sealed class Selection(SeriesQuery query, LabelSet[] series) : ISeriesSelection
    {
        public int Count => series.Length;

        public LabelSet Labels(int index) => series[index];

        public void Read(int index, SampleColumns destination, CancellationToken cancellationToken)
        {
            var first = Math.Clamp(query.Range.First.Value, 0, EndMs + IntervalMs);
            var last = Math.Min(query.Range.Last.Value, EndMs);
            for (var at = (first + IntervalMs - 1) / IntervalMs * IntervalMs; at <= last; at += IntervalMs)
            {
                destination.Add(at, (at / IntervalMs) + index, 0);
            }
        }

        public void Dispose()
        {
            // Nothing is held: samples are a formula.
        }
    }
}
