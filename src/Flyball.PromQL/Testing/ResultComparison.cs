using Flyball.Model.Histograms;
using Flyball.Model.Labels;

namespace Flyball.PromQL.Testing;

/// <summary>Compares results with what a script expects of them. Prometheus documentation, "Querying".</summary>
internal static class ResultComparison
{
    private const double Tolerance = 1e-6;

    public static bool AlmostEqual(double a, double b)
    {
        const double SmallestNormal = 2.2250738585072014e-308;
        if (double.IsNaN(a) || double.IsNaN(b))
        {
            return double.IsNaN(a) && double.IsNaN(b);
        }

        if (a.Equals(b) || a == b)
        {
            return true;
        }

        var sum = Math.Abs(a) + Math.Abs(b);
        var difference = Math.Abs(a - b);
        return a == 0 || b == 0 || sum < SmallestNormal
            ? difference < Tolerance * SmallestNormal
            : difference / Math.Min(sum, double.MaxValue) < Tolerance;
    }

    /// <summary>The series that have a sample at a time, with that sample alone.</summary>
    public static List<ResultSeries> At(IReadOnlyList<ResultSeries> series, long timeMs)
    {
        var found = new List<ResultSeries>();
        foreach (var one in series)
        {
            var at = Array.IndexOf(one.TimestampsMs, timeMs);
            if (at >= 0)
            {
                found.Add(new ResultSeries(one.Labels, [timeMs], [one.Values[at]], one.HistogramAt(at) is { } h ? [h] : null));
            }
        }

        return found;
    }

    /// <summary>Compares an instant vector.</summary>
    public static string? Vector(List<SeriesDescription> expected, IReadOnlyList<ResultSeries> actual, bool ordered)
    {
        if (Pair(expected, actual) is { } missing)
        {
            return missing;
        }

        for (var i = 0; i < expected.Count; i++)
        {
            var index = IndexOf(actual, expected[i].Labels);
            if (ordered && index != i)
            {
                return $"expected {expected[i].Labels} at position {i + 1}, it is at {index + 1}";
            }

            var found = actual[index];
            if (Sample(expected[i].Items[0], found.Values[0], found.HistogramAt(0)) is { } difference)
            {
                return $"{expected[i].Labels}: {difference}";
            }
        }

        return null;
    }

    /// <summary>Compares a matrix whose samples are expected at given times.</summary>
    public static string? Matrix(List<SeriesDescription> expected, IReadOnlyList<ResultSeries> actual, List<long> times)
    {
        for (var i = 1; i < actual.Count; i++)
        {
            if (actual[i - 1].Labels.CompareTo(actual[i].Labels) >= 0)
            {
                return $"series are not in label order: {actual[i - 1].Labels}, {actual[i].Labels}";
            }
        }

        // A line of nothing but gaps says that the series is not there.
        expected = expected.FindAll(e => e.Items.Exists(i => !i.IsGap));
        return Pair(expected, actual) ?? expected.Select(e => Series(e, actual[IndexOf(actual, e.Labels)], times)).FirstOrDefault(d => d is not null);
    }

    private static string? Series(SeriesDescription expected, ResultSeries actual, List<long> times)
    {
        if (expected.Items.Count > times.Count)
        {
            return $"{expected.Labels}: {expected.Items.Count} values expected for {times.Count} steps";
        }

        var seen = 0;
        for (var i = 0; i < times.Count; i++)
        {
            var item = i < expected.Items.Count ? expected.Items[i] : new SequenceItem(0, IsGap: true);
            var at = Array.IndexOf(actual.TimestampsMs, times[i]);
            seen += at >= 0 ? 1 : 0;
            if (item.IsGap || at < 0)
            {
                if (item.IsGap != at < 0)
                {
                    return $"{expected.Labels}: at {times[i]} ms {(at < 0 ? "a sample is missing" : $"there is an unexpected sample {actual.Values[at]}")}";
                }

                continue;
            }

            if (Sample(item, actual.Values[at], actual.HistogramAt(at)) is { } difference)
            {
                return $"{expected.Labels}: at {times[i]} ms {difference}";
            }
        }

        return seen == actual.Count ? null : $"{expected.Labels}: there are samples between the steps";
    }

    private static string? Pair(List<SeriesDescription> expected, IReadOnlyList<ResultSeries> actual)
    {
        foreach (var one in expected)
        {
            if (IndexOf(actual, one.Labels) < 0)
            {
                return $"{one.Labels} is missing; there are: {string.Join(", ", actual.Select(a => a.Labels + " " + (a.HistogramAt(0) is { } h ? HistogramText.Format(h) : a.Values[0].ToString())))}";
            }
        }

        foreach (var one in actual)
        {
            if (!expected.Exists(e => e.Labels.Equals(one.Labels)))
            {
                return $"{one.Labels} was not expected: {(one.HistogramAt(0) is { } h ? HistogramText.Format(h) : one.Values[0].ToString())}";
            }
        }

        return null;
    }

    private static int IndexOf(IReadOnlyList<ResultSeries> series, LabelSet labels)
    {
        for (var i = 0; i < series.Count; i++)
        {
            if (series[i].Labels.Equals(labels))
            {
                return i;
            }
        }

        return -1;
    }

    private static string? Sample(SequenceItem expected, double value, NativeHistogram? histogram)
    {
        if (expected.Histogram is null)
        {
            return histogram is null && AlmostEqual(expected.Value, value)
                ? null
                : $"expected {expected.Value:R}, got {(histogram is null ? value.ToString("R") : HistogramText.Format(histogram))}";
        }

        if (histogram is null)
        {
            return $"expected {HistogramText.Format(expected.Histogram)}, got {value:R}";
        }

        return Same(expected, histogram) ? null : $"expected {Describe(expected.Histogram)}, got {Describe(histogram)}";
    }

    private static string Describe(NativeHistogram histogram) =>
        $"{HistogramText.Format(histogram)} (schema {histogram.Schema}, zero ±{histogram.ZeroThreshold:R}, {histogram.ResetHint})";

    /// <summary>Whether a histogram is the one that is expected.</summary>
    public static bool Same(SequenceItem expected, NativeHistogram actual)
    {
        var wanted = expected.Histogram!;
        return wanted.Schema == actual.Schema
            && AlmostEqual(wanted.Count, actual.Count) && AlmostEqual(wanted.Sum, actual.Sum)
            && AlmostEqual(wanted.ZeroCount, actual.ZeroCount) && AlmostEqual(wanted.ZeroThreshold, actual.ZeroThreshold)
            && (!expected.HintGiven || wanted.ResetHint == actual.ResetHint)
            && wanted.CustomBounds.Length == actual.CustomBounds.Length
            && wanted.CustomBounds.Zip(actual.CustomBounds).All(p => AlmostEqual(p.First, p.Second))
            && SameBuckets(wanted.PositiveSpans, wanted.PositiveBuckets, actual.PositiveSpans, actual.PositiveBuckets)
            && SameBuckets(wanted.NegativeSpans, wanted.NegativeBuckets, actual.NegativeSpans, actual.NegativeBuckets);
    }

    private static bool SameBuckets(BucketSpan[] spansA, double[] a, BucketSpan[] spansB, double[] b)
    {
        var left = HistogramBuckets.Walk(spansA, a).Where(x => x.Count != 0).ToList();
        var right = HistogramBuckets.Walk(spansB, b).Where(x => x.Count != 0).ToList();
        return left.Count == right.Count && left.Zip(right).All(p => p.First.Index == p.Second.Index && AlmostEqual(p.First.Count, p.Second.Count));
    }
}
