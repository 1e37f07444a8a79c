using System.Text.Json;

namespace Flyball.Step.Tests;

/// <summary>A span as it was sent, with its attributes as text.</summary>
internal sealed record SentSpan(
    string TraceId, string SpanId, string ParentSpanId, string Name, int Kind, long Start, long End, int Status,
    IReadOnlyDictionary<string, string> Attributes, IReadOnlyList<(string TraceId, string SpanId)> Links, string Service,
    IReadOnlyList<SentEvent> Events)
{
    public string this[string attribute] => Attributes.GetValueOrDefault(attribute, "");

    public static IEnumerable<SentSpan> ReadAll(ReadOnlyMemory<byte> request)
    {
        using var document = JsonDocument.Parse(request);
        foreach (var resource in document.RootElement.GetProperty("resourceSpans").EnumerateArray())
        {
            var service = ReadAttributes(resource.GetProperty("resource"))["service.name"];
            foreach (var scope in resource.GetProperty("scopeSpans").EnumerateArray())
            {
                foreach (var span in scope.GetProperty("spans").EnumerateArray())
                {
                    yield return Read(span, service);
                }
            }
        }
    }

    private static SentSpan Read(JsonElement span, string service) => new(
        Text(span, "traceId"),
        Text(span, "spanId"),
        Text(span, "parentSpanId"),
        Text(span, "name"),
        span.GetProperty("kind").GetInt32(),
        long.Parse(Text(span, "startTimeUnixNano"), null),
        long.Parse(Text(span, "endTimeUnixNano"), null),
        span.TryGetProperty("status", out var status) ? status.GetProperty("code").GetInt32() : 0,
        ReadAttributes(span),
        span.TryGetProperty("links", out var links)
            ? [.. links.EnumerateArray().Select(l => (Text(l, "traceId"), Text(l, "spanId")))]
            : [],
        service,
        span.TryGetProperty("events", out var events)
            ? [.. events.EnumerateArray().Select(e => new SentEvent(Text(e, "name"), long.Parse(Text(e, "timeUnixNano"), null), ReadAttributes(e)))]
            : []);

    private static Dictionary<string, string> ReadAttributes(JsonElement owner)
    {
        var result = new Dictionary<string, string>();
        foreach (var attribute in owner.GetProperty("attributes").EnumerateArray())
        {
            var value = attribute.GetProperty("value");
            result.Add(
                attribute.GetProperty("key").GetString()!,
                value.TryGetProperty("stringValue", out var text) ? text.GetString()!
                    : value.TryGetProperty("intValue", out var whole) ? whole.GetString()! : value.GetProperty("doubleValue").GetRawText());
        }

        return result;
    }

    private static string Text(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out var value) ? value.GetString()! : "";
}

/// <summary>An event of a span as it was sent.</summary>
internal sealed record SentEvent(string Name, long At, IReadOnlyDictionary<string, string> Attributes);
