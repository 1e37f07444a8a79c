using Flyball.Model.Histograms;

namespace Flyball.PromQL.Caching;

/// <summary>What is known of a query from one step to another, both included. Immutable.</summary>
/// <param name="StartMs">First step.</param>
/// <param name="EndMs">Last step.</param>
/// <param name="Mark">The source's mark before the oldest of it was read, or checked again.</param>
/// <param name="Series">In label order.</param>
internal sealed record KeptAnswer(long StartMs, long EndMs, long Mark, IReadOnlyList<ResultSeries> Series)
{
    private const int BytesOfSeries = 200, BytesOfPoint = 16, BytesOfHistogram = 400;

    /// <summary>About what it takes in memory.</summary>
    public long Bytes { get; } = Series.Sum(
        s => BytesOfSeries + s.Labels.Encoded.Length + ((long)s.Count * BytesOfPoint) + (s.Histograms is null ? 0 : (long)s.Count * BytesOfHistogram));

    /// <summary>The part between two steps, both included.</summary>
    public List<ResultSeries> Cut(long startMs, long endMs)
    {
        var part = new List<ResultSeries>(Series.Count);
        foreach (var one in Series)
        {
            var from = FirstFrom(one.TimestampsMs, startMs);
            var until = FirstFrom(one.TimestampsMs, endMs + 1);
            if (until - from == one.Count)
            {
                part.Add(one);
            }
            else if (until > from)
            {
                part.Add(new ResultSeries(
                    one.Labels, one.TimestampsMs[from..until], one.Values[from..until], AnyHistogram(one.Histograms?[from..until])));
            }
        }

        return part;
    }

    /// <summary>Series with what comes later appended; both in label order.</summary>
    public static List<ResultSeries> Join(IReadOnlyList<ResultSeries> earlier, IReadOnlyList<ResultSeries> later)
    {
        var joined = new List<ResultSeries>(Math.Max(earlier.Count, later.Count));
        int e = 0, l = 0;
        while (e < earlier.Count && l < later.Count)
        {
            var order = earlier[e].Labels.CompareTo(later[l].Labels);
            joined.Add(order < 0 ? earlier[e++] : order > 0 ? later[l++] : Append(earlier[e++], later[l++]));
        }

        joined.AddRange(earlier.Skip(e));
        joined.AddRange(later.Skip(l));
        return joined;
    }

    private static ResultSeries Append(ResultSeries a, ResultSeries b)
    {
        var histograms = a.Histograms is null && b.Histograms is null
            ? null
            : (NativeHistogram?[])[.. a.Histograms ?? new NativeHistogram?[a.Count], .. b.Histograms ?? new NativeHistogram?[b.Count]];
        return new ResultSeries(a.Labels, [.. a.TimestampsMs, .. b.TimestampsMs], [.. a.Values, .. b.Values], histograms);
    }

    private static NativeHistogram?[]? AnyHistogram(NativeHistogram?[]? histograms) =>
        histograms is null || Array.TrueForAll(histograms, h => h is null) ? null : histograms;

    private static int FirstFrom(long[] times, long time)
    {
        var at = Array.BinarySearch(times, time);
        return at < 0 ? ~at : at;
    }
}

/// <summary>What makes two range queries ask for the same steps of the same thing.</summary>
/// <param name="PhaseMs">Where steps lie within multiples of the step.</param>
internal readonly record struct AnswerKey(string Query, long StepMs, long PhaseMs, long LookbackMs);
