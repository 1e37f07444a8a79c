using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;

namespace Flyball.PromQL.Tests.Peers;

/// <summary>Compares an answer of the engine with one that came over Prometheus' HTTP interface.</summary>
internal static partial class AnswerComparison
{
    private const double Tolerance = 1e-12;

    /// <summary>What differs, or null.</summary>
    public static string? Difference(PeerVersion version, JsonElement peer, QueryResult ours) => peer.GetProperty("data") is var data && data.GetProperty("resultType").GetString() != Name(ours.Kind)
        ? $"type: peer {data.GetProperty("resultType")}, ours {Name(ours.Kind)}"
        : Values(data.GetProperty("result"), ours) ?? Notes(version, "warnings", peer, ours.Warnings) ?? Notes(version, "infos", peer, ours.Infos);

    /// <summary>Whether a range has at one step what an instant has.</summary>
    public static bool IsColumn(QueryResult range, QueryResult instant, long atMs)
    {
        var column = range.Series
            .Select(s => (s.Labels, Text: s.TimestampsMs.ToList().IndexOf(atMs) is >= 0 and var i ? Describe(s, i) : null))
            .Where(s => s.Text is not null).ToHashSet();
        return instant.Kind == ValueKind.Scalar
            ? column.Count == 1
            : column.SetEquals(instant.Series.Select(s => (s.Labels, Text: (string?)Describe(s, 0))));
    }

    private static string Name(ValueKind kind) => kind.ToString().ToLowerInvariant();

    private static string? Values(JsonElement result, QueryResult ours)
    {
        if (ours.Kind == ValueKind.Scalar)
        {
            var value = Number(result[1]);
            return Same(value, ours.Scalar) ? null : $"scalar: peer {value:R}, ours {ours.Scalar:R}";
        }

        var mine = new Dictionary<LabelSet, ResultSeries>();
        foreach (var series in ours.Series)
        {
            if (!mine.TryAdd(series.Labels, series))
            {
                return $"ours has {series.Labels} twice";
            }
        }

        foreach (var theirs in result.EnumerateArray())
        {
            var labels = LabelSet.Of([.. theirs.GetProperty("metric").EnumerateObject().Select(p => (p.Name, p.Value.GetString()!))]);
            if (!mine.Remove(labels, out var found))
            {
                return $"{labels}: peer has {theirs}, ours nothing";
            }

            if (Points(theirs, found) is { } difference)
            {
                return $"{labels}: {difference}";
            }
        }

        return mine.Values.FirstOrDefault() is { } extra ? $"{extra.Labels}: ours has {Describe(extra, 0)}, peer nothing" : null;
    }

    private static string? Points(JsonElement theirs, ResultSeries ours)
    {
        var points = new SortedDictionary<long, JsonElement>();
        foreach (var name in (string[])["value", "histogram"])
        {
            if (theirs.TryGetProperty(name, out var one))
            {
                points[Time(one)] = one[1];
            }

            if (theirs.TryGetProperty(name + "s", out var many))
            {
                foreach (var point in many.EnumerateArray())
                {
                    points[Time(point)] = point[1];
                }
            }
        }

        for (var i = 0; i < ours.Count; i++)
        {
            if (!points.Remove(ours.TimestampsMs[i], out var point))
            {
                return $"at {ours.TimestampsMs[i]} ours has {Describe(ours, i)}, peer nothing";
            }

            if (!SamePoint(point, ours, i))
            {
                return $"at {ours.TimestampsMs[i]} peer {point}, ours {Describe(ours, i)}";
            }
        }

        return points.Count == 0 ? null : $"at {points.First().Key} peer has {points.First().Value}, ours nothing";
    }

    private static bool SamePoint(JsonElement theirs, ResultSeries ours, int i)
    {
        if (ours.HistogramAt(i) is not { } histogram)
        {
            return theirs.ValueKind == JsonValueKind.String && Same(Number(theirs), ours.Values[i]);
        }

        if (theirs.ValueKind != JsonValueKind.Object
            || !Same(Number(theirs.GetProperty("count")), histogram.Count) || !Same(Number(theirs.GetProperty("sum")), histogram.Sum))
        {
            return false;
        }

        var buckets = theirs.TryGetProperty("buckets", out var given) ? given.EnumerateArray().ToList() : [];
        var mine = HistogramBuckets.All(histogram).FindAll(b => b.Count > 0 || (b.Count != 0 && !IsZeroBucket(b)));
        return buckets.Count == mine.Count && buckets.Zip(mine).All(p =>
            p.First[0].GetInt32() == (p.Second.LowerInclusive ? p.Second.UpperInclusive ? 3 : 1 : p.Second.UpperInclusive ? 0 : 2)
            && Same(Number(p.First[1]), p.Second.Lower) && Same(Number(p.First[2]), p.Second.Upper) && Same(Number(p.First[3]), p.Second.Count));
    }

    /// <summary>The bucket around zero, which is not shown over there when a subtraction made its count negative.</summary>
    private static bool IsZeroBucket(HistogramBucket bucket) => bucket.LowerInclusive && bucket.UpperInclusive && double.IsFinite(bucket.Lower);

    private static string? Notes(PeerVersion version, string kind, JsonElement peer, IReadOnlyList<string> ours)
    {
        if (!version.IsAtLeast(3, 0))
        {
            return null;
        }

        var theirs = peer.TryGetProperty(kind, out var given) ? given.EnumerateArray().Select(n => Shared(version, n.GetString()!)).ToHashSet() : [];
        ours = [.. ours.Select(n => Shared(version, n)).Where(n => !ExplainedDifferences.IsNewer(version, n))];
        var same = theirs.Count > 10 || ours.Count > 10 ? theirs.Count == ours.Count : theirs.SetEquals(ours);
        return same ? null : $"{kind}: peer [{string.Join(" | ", theirs.Except(ours))}], ours [{string.Join(" | ", ours.Except(theirs))}]";
    }

    /// <summary>What the words of different versions have in common.</summary>
    private static string Shared(PeerVersion version, string note) => version.IsAtLeast(3, 9)
        ? note
        : LongNumbers().Replace(Details().Replace(note.Replace(" for metric name \"\"", "", StringComparison.Ordinal), ""), "$1");

    /// <summary>Digits beyond the twelfth are the mathematics library's.</summary>
    [GeneratedRegex(@"(\d\.\d{11})\d+")]
    private static partial Regex LongNumbers();

    /// <summary>What is told of forced monotonicity beyond the fact.</summary>
    [GeneratedRegex("(?<=#histogram_quantile\\))( for metric name \"[^\"]*\")?(, from buckets .*?, over .*? to [^ ]*)?")]
    private static partial Regex Details();

    private static long Time(JsonElement point) => (long)Math.Round(point[0].GetDouble() * 1000);

    private static double Number(JsonElement text) => text.GetString() switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        { } digits => double.Parse(digits, CultureInfo.InvariantCulture),
        null => throw new InvalidOperationException("a number is written as a string"),
    };

    private static bool Same(double a, double b) =>
        a.Equals(b) || a == b || Math.Abs(a - b) <= Tolerance * Math.Max(Math.Abs(a), Math.Abs(b));

    /// <summary>A whole answer for people.</summary>
    public static string Describe(QueryResult answer) => string.Join(
        "\n      ",
        answer.Series.Select(s => $"{s.Labels} {string.Join(' ', s.TimestampsMs.Select((t, i) => $"{Describe(s, i)}@{t}"))}")
            .Concat(answer.Warnings).Concat(answer.Infos).Append(answer.Kind == ValueKind.Scalar ? answer.Scalar.ToString("R", CultureInfo.InvariantCulture) : ""));

    private static string Describe(ResultSeries series, int i) =>
        series.HistogramAt(i) is { } histogram ? HistogramText.Format(histogram) : series.Values[i].ToString("R", CultureInfo.InvariantCulture);
}
