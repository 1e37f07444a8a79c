using System.Globalization;
using System.Text.Json;

namespace Flyball.Bench.Peers.Queries;

/// <summary>An answer of the query API in a form that can be compared: points by series.</summary>
internal sealed class Answer
{
    private const double Tolerance = 1e-12;

    private readonly Dictionary<string, (double Time, double Value)[]> _series;

    private Answer(Dictionary<string, (double Time, double Value)[]> series) => _series = series;

    public static Answer Parse(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var data = document.RootElement.GetProperty("data");
        var result = data.GetProperty("result");
        var series = new Dictionary<string, (double, double)[]>();
        if (data.GetProperty("resultType").GetString() is "scalar" or "string")
        {
            series[""] = [Point(result)];
            return new Answer(series);
        }

        foreach (var one in result.EnumerateArray())
        {
            var labels = one.GetProperty("metric").EnumerateObject().OrderBy(l => l.Name, StringComparer.Ordinal).Select(l => $"{l.Name}={l.Value.GetString()}");
            series[string.Join(',', labels)] = one.TryGetProperty("values", out var values)
                ? [.. values.EnumerateArray().Select(Point)]
                : [Point(one.GetProperty("value"))];
        }

        return new Answer(series);
    }

    /// <summary>What differs, or null; relative differences up to 1e-12 are none.</summary>
    public string? DifferenceFrom(Answer other)
    {
        if (_series.Count != other._series.Count)
        {
            return $"{_series.Count} series, not {other._series.Count}";
        }

        foreach (var (labels, points) in _series)
        {
            if (!other._series.TryGetValue(labels, out var others))
            {
                return $"{{{labels}}} is too many";
            }

            if (points.Length != others.Length)
            {
                return $"{{{labels}}} has {points.Length} points, not {others.Length}";
            }

            var odd = -1;
            for (var i = 0; i < points.Length && odd < 0; i++)
            {
                odd = points[i].Time == others[i].Time && AreEqual(points[i].Value, others[i].Value) ? -1 : i;
            }

            if (odd >= 0)
            {
                return $"{{{labels}}} is {points[odd]}, not {others[odd]}";
            }
        }

        return null;
    }

    private static bool AreEqual(double a, double b) =>
        a.Equals(b) || Math.Abs(a - b) is var gap && double.IsFinite(gap) && gap <= Tolerance * Math.Max(Math.Abs(a), Math.Abs(b));

    private static (double Time, double Value) Point(JsonElement pair) => (pair[0].GetDouble(), ParseValue(pair[1].GetString()!));

    private static double ParseValue(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}
