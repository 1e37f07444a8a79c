using System.Globalization;
using System.Text.Json;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Connectors;

/// <summary>Reading JSON of strangers: whatever is missing or of another type is simply not there.</summary>
internal static class Json
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    // Webhooks of Buildkite and GitLab write "2026-11-02 14:00:01 UTC" or "… +0000" beside RFC 3339.
    private static readonly string[] Formats =
        ["yyyy-MM-dd HH:mm:ss 'UTC'", "yyyy-MM-dd HH:mm:ss zzz", "yyyy-MM-dd HH:mm:ss K"];

    /// <summary>Parses a document; null with a message when it is none.</summary>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> utf8, out string error)
    {
        error = "";
        try
        {
            return JsonDocument.Parse(utf8, Options);
        }
        catch (JsonException e)
        {
            error = $"the body is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine}";
            return null;
        }
    }

    /// <summary>The value below a path of keys; an undefined element if any step is missing.</summary>
    public static JsonElement At(this JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var key in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(key, out element))
            {
                return default;
            }
        }

        return element;
    }

    /// <summary>Text, or a number as text; null if absent or empty.</summary>
    public static string? Text(this JsonElement element, params ReadOnlySpan<string> path)
    {
        var found = element.At(path);
        var text = found.ValueKind switch
        {
            JsonValueKind.String => GetText(found),
            JsonValueKind.Number => found.GetRawText(),
            _ => null,
        };
        return string.IsNullOrEmpty(text) ? null : text;
    }

    /// <summary>A whole number, also one written as text.</summary>
    public static long? Integer(this JsonElement element, params ReadOnlySpan<string> path) =>
        long.TryParse(element.Text(path), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>A number, also one written as text.</summary>
    public static double? Number(this JsonElement element, params ReadOnlySpan<string> path) =>
        double.TryParse(element.Text(path), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;

    /// <summary>True if the value is <c>true</c>.</summary>
    public static bool Flag(this JsonElement element, params ReadOnlySpan<string> path) => element.At(path).ValueKind == JsonValueKind.True;

    /// <summary>The items of a list; none if it is not there.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, params ReadOnlySpan<string> path)
    {
        var found = element.At(path);
        return found.ValueKind == JsonValueKind.Array ? found.EnumerateArray() : [];
    }

    /// <summary>The members of an object; none if it is not there. A member whose name is no text is left out.</summary>
    public static IEnumerable<(string Name, JsonElement Value)> Members(this JsonElement element, params ReadOnlySpan<string> path)
    {
        var found = element.At(path);
        return found.ValueKind == JsonValueKind.Object
            ? found.EnumerateObject().Select(p => (Name: GetName(p), p.Value)).Where(p => p.Name is not null).Select(p => (p.Name!, p.Value))
            : [];
    }

    /// <summary>A point in time in any of the forms CI systems write; null if absent, unreadable, or the year-1 "not set".</summary>
    public static TimestampNs? Time(this JsonElement element, params ReadOnlySpan<string> path) => ParseTime(element.Text(path));

    /// <summary>Reads a point in time.</summary>
    public static TimestampNs? ParseTime(string? text)
    {
        if (text is null)
        {
            return null;
        }

        const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (!DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, Styles, out var time)
            && !(text.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Styles, out time)))
        {
            return null;
        }

        return time.Year < 1971 ? null : TimestampNs.From(time);
    }

    private static string? GetName(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string? GetText(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair is legal JSON and no text.
            return null;
        }
    }
}
