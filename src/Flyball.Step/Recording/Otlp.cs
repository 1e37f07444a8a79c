using Flyball.Step.CommandLine;
using Flyball.Step.Contexts;
using Flyball.Step.Detection;
using Flyball.Step.Sending;

namespace Flyball.Step.Recording;

/// <summary>Pieces of OTLP/JSON that recording commands write.</summary>
internal static class Otlp
{
    /// <summary>The name of the instrumentation scope; Flyball adds up the counts of this one.</summary>
    public const string Scope = "flyball-step";

    /// <summary>An attribute with a text.</summary>
    public static JsonText Attribute(this JsonText json, string key, string value) =>
        json.Open().Member("key", key).Name("value").Open().Name("stringValue").Value(value).Close().Close();

    /// <summary>An attribute with a whole number: 64 bits, so a decimal string.</summary>
    public static JsonText Attribute(this JsonText json, string key, long value) =>
        json.Open().Member("key", key).Name("value").Open().Member("intValue", $"{value}").Close().Close();

    /// <summary>An attribute with a number.</summary>
    public static JsonText Attribute(this JsonText json, string key, double value) =>
        json.Open().Member("key", key).Name("value").Open().Name("doubleValue").Value(value).Close().Close();

    /// <summary>An event of a span.</summary>
    public static string Event(string name, long at, IReadOnlyList<(string Key, string Value)> attributes, long? size = null)
    {
        var json = new JsonText().Open().Member("timeUnixNano", $"{at}").Member("name", name).Name("attributes").OpenList();
        foreach (var (key, value) in attributes)
        {
            json.Attribute(key, value);
        }

        if (size is { } bytes)
        {
            json.Attribute(ArtifactFile.SizeKey, bytes);
        }

        return json.CloseList().Close().ToString();
    }

    /// <summary>A span of no length, where no wrapper is around whose span could take an event.</summary>
    public static string Mark(
        SpanContext around, string pipeline, CiFacts run, string name, long at, IReadOnlyList<(string Key, string Value)> attributes, long? size)
    {
        var json = new JsonText().Open()
            .Member("traceId", around.TraceId)
            .Member("spanId", $"{RandomIds.Next() | 1:x16}")
            .Member("parentSpanId", around.SpanId)
            .Member("name", name)
            .Member("kind", 1)
            .Member("startTimeUnixNano", $"{at}")
            .Member("endTimeUnixNano", $"{at}")
            .Name("attributes").OpenList().Attribute("cicd.pipeline.name", pipeline);
        if (run.RunId.Length > 0)
        {
            json.Attribute("cicd.pipeline.run.id", run.RunId).Attribute("flyball.system", run.System).Attribute("flyball.attempt", run.RunAttempt);
            json = run.Instance.Length > 0 ? json.Attribute("flyball.instance", run.Instance) : json;
        }

        foreach (var (key, value) in attributes)
        {
            json.Attribute(key, value);
        }

        if (size is { } bytes)
        {
            json.Attribute(ArtifactFile.SizeKey, bytes);
        }

        return json.CloseList().Close().ToString();
    }

    /// <summary>A request with spans of one pipeline.</summary>
    public static byte[] Spans(string pipeline, IReadOnlyList<string> spans) => Request("resourceSpans", "scopeSpans", "spans", pipeline, spans);

    /// <summary>A request with metrics of one pipeline.</summary>
    public static byte[] Metrics(string pipeline, IReadOnlyList<string> metrics) =>
        Request("resourceMetrics", "scopeMetrics", "metrics", pipeline, metrics);

    private static byte[] Request(string resources, string scopes, string name, string pipeline, IReadOnlyList<string> elements)
    {
        var json = new JsonText().Open().Name(resources).OpenList().Open();
        json.Name("resource").Open().Name("attributes").OpenList().Attribute("service.name", pipeline).CloseList().Close();
        json.Name(scopes).OpenList().Open();
        json.Name("scope").Open().Member("name", Scope).Member("version", StepVersion.Text).Close();
        json.Name(name).OpenList();
        foreach (var element in elements)
        {
            json.Raw(element);
        }

        return json.CloseList().Close().CloseList().Close().CloseList().Close().ToUtf8();
    }
}
