using Flyball.Step.Contexts;
using Flyball.Step.Sending;

namespace Flyball.Step.Recording;

/// <summary>One value a script measured, as an OTLP metric with one point.</summary>
/// <param name="Name">By the rules for instruments of OpenTelemetry.</param>
/// <param name="Type"><c>gauge</c>, <c>counter</c> or <c>histogram</c>.</param>
/// <param name="At">Nanoseconds since the Unix epoch.</param>
/// <param name="Labels">Pipeline, task and the script's own.</param>
/// <param name="Span">Whose exemplar it is: a point's own labels stay few, its trace is found all the same.</param>
internal sealed record MetricPoint(
    string Name, double Value, string Type, string Unit, string Description, long At, IReadOnlyList<(string Key, string Value)> Labels, SpanContext? Span)
{
    private const int LongestName = 255;
    private const int Delta = 1;

    // OpenTelemetry's advice for durations in seconds, up to what pipelines take; its default for everything else.
    private static readonly double[] SecondsBounds =
        [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200];

    private static readonly double[] OtherBounds = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

    /// <summary>What is wrong with a name; null if nothing is.</summary>
    public static string? Check(string name)
    {
        if (name.Length is 0 or > LongestName || !char.IsAsciiLetter(name[0]))
        {
            return $"metric name \"{name}\": it begins with a letter and has at most {LongestName} characters";
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-' or '/'))
            {
                return $"metric name \"{name}\": '{c}' is not one of letters, digits, _ . - /";
            }
        }

        return null;
    }

    /// <summary>The metric in OTLP/JSON.</summary>
    public string ToJson()
    {
        var json = new JsonText().Open().Member("name", Name).Member("description", Description).Member("unit", Unit);
        json.Name(Type switch { "counter" => "sum", "histogram" => "histogram", _ => "gauge" }).Open();
        if (Type is "counter")
        {
            json.Name("isMonotonic").Raw("true");
        }

        // Every count is a process of its own: only the receiver can add them up.
        if (Type is not "gauge")
        {
            json.Member("aggregationTemporality", Delta);
        }

        json.Name("dataPoints").OpenList().Open().Name("attributes").OpenList();
        foreach (var (key, value) in Labels)
        {
            json.Attribute(key, value);
        }

        json.CloseList();
        if (Type is not "gauge")
        {
            json.Member("startTimeUnixNano", $"{At - 1}");
        }

        json.Member("timeUnixNano", $"{At}");
        if (Type is "histogram")
        {
            WriteBuckets(json);
        }
        else
        {
            json.Name("asDouble").Value(Value);
        }

        WriteExemplar(json);
        return json.Close().CloseList().Close().Close().ToString();
    }

    private void WriteBuckets(JsonText json)
    {
        var bounds = Unit is "s" ? SecondsBounds : OtherBounds;
        json.Member("count", "1").Name("sum").Value(Value).Name("explicitBounds").OpenList();
        foreach (var bound in bounds)
        {
            json.Value(bound);
        }

        json.CloseList().Name("bucketCounts").OpenList();
        for (var i = 0; i <= bounds.Length; i++)
        {
            var isIts = (i == 0 || Value > bounds[i - 1]) && (i == bounds.Length || Value <= bounds[i]);
            json.Value(isIts ? "1" : "0");
        }

        json.CloseList();
    }

    private void WriteExemplar(JsonText json)
    {
        if (Span is not null)
        {
            json.Name("exemplars").OpenList().Open()
                .Member("timeUnixNano", $"{At}").Name("asDouble").Value(Value)
                .Member("traceId", Span.TraceId).Member("spanId", Span.SpanId)
                .Close().CloseList();
        }
    }
}
