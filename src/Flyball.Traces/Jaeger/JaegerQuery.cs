using System.Globalization;
using System.Text;

namespace Flyball.Traces.Jaeger;

/// <summary>Says in TraceQL what a <see cref="JaegerSearch"/> means.</summary>
internal static class JaegerQuery
{
    public static string Of(JaegerSearch search)
    {
        var query = new StringBuilder("{ resource.service.name = ").Append(Quote(search.Service));
        if (search.Operation is { } operation)
        {
            query.Append(" && name = ").Append(Quote(operation));
        }

        if (search.MinDuration is { } least)
        {
            query.Append(CultureInfo.InvariantCulture, $" && duration >= {least.Ticks * 100}ns");
        }

        if (search.MaxDuration is { } most)
        {
            query.Append(CultureInfo.InvariantCulture, $" && duration <= {most.Ticks * 100}ns");
        }

        foreach (var (key, value) in search.Tags)
        {
            query.Append(" && (").Append(Condition(key, value)).Append(')');
        }

        return query.Append(" }").ToString();
    }

    public static string Quote(string text) =>
        '"' + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal) + '"';

    // Tags that Jaeger derives from other parts of a span are looked for where they came from.
    private static string Condition(string key, string value) => (key, value) switch
    {
        ("error", "true") => "status = error",
        ("error", "false") => "status != error",
        ("span.kind", "server" or "client" or "producer" or "consumer" or "internal") => "kind = " + value,
        ("otel.status_code", "ERROR" or "OK") => "status = " + value.ToLowerInvariant(),
        ("otel.status_description", _) => "statusMessage = " + Quote(value),
        ("otel.scope.name" or "otel.library.name", _) => "instrumentation:name = " + Quote(value),
        ("otel.scope.version" or "otel.library.version", _) => "instrumentation:version = " + Quote(value),
        _ => Anywhere(Key(key), value),
    };

    private static string Anywhere(string key, string value)
    {
        var alternatives = new List<string>();
        foreach (var literal in Literals(value))
        {
            alternatives.Add($"span.{key} = {literal}");
            alternatives.Add($"resource.{key} = {literal}");
            alternatives.Add($"event.{key} = {literal}");
        }

        if (key == "\"event\"")
        {
            alternatives.Add("event:name = " + Quote(value));
        }

        return string.Join(" || ", alternatives);
    }

    // A value compared as text may be kept as a number or a boolean that is written like this.
    private static IEnumerable<string> Literals(string value)
    {
        yield return Quote(value);
        if (value is "true" or "false")
        {
            yield return value;
        }
        else if (long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)
            && integer.ToString(CultureInfo.InvariantCulture) == value)
        {
            yield return integer == long.MinValue ? "minInt" : value;
        }
        else if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            yield return number.ToString("F17", CultureInfo.InvariantCulture);
        }
    }

    private static string Key(string key) => '"' + key.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + '"';
}
