using System.Buffers;
using System.Text.Json;
using Flyball.Model.Labels;
using Flyball.Model.Text;
using Flyball.Model.Time;
using Microsoft.AspNetCore.Http;

namespace Flyball.Server.PrometheusApi;

/// <summary>Writes Prometheus' envelope and the values inside it straight into the response. Prometheus documentation, "HTTP API".</summary>
internal static class ApiAnswer
{
    private static readonly JsonWriterOptions Options = new()
    {
        // As Go's encoder with HTML escaping off, which is what clients are used to see.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,

        // A syntax tree of the deepest query that is accepted.
        MaxDepth = 1 << 14,
    };

    /// <summary>Answers with data and, where there are any, warnings and infos.</summary>
    public static async Task SuccessAsync(
        HttpContext context,
        Action<Utf8JsonWriter> data,
        IReadOnlyList<string>? warnings = null,
        IReadOnlyList<string>? infos = null)
    {
        context.Response.ContentType = "application/json";
        var body = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(body, Options))
        {
            json.WriteStartObject();
            json.WriteString("status"u8, "success"u8);
            json.WritePropertyName("data"u8);
            data(json);
            WriteList(json, "warnings", warnings);
            WriteList(json, "infos", infos);
            json.WriteEndObject();
        }

        await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }

    /// <summary>Answers with an error.</summary>
    public static async Task ErrorAsync(HttpContext context, ApiException error)
    {
        context.Response.StatusCode = error.StatusCode;
        context.Response.ContentType = "application/json";
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body, Options))
        {
            json.WriteStartObject();
            json.WriteString("status"u8, "error"u8);
            json.WriteString("errorType"u8, error.ErrorType);
            json.WriteString("error"u8, error.Message);
            json.WriteEndObject();
        }

        await context.Response.Body.WriteAsync(body.WrittenMemory, CancellationToken.None);
    }

    /// <summary>Writes labels as an object, names in order.</summary>
    public static void WriteLabels(Utf8JsonWriter json, LabelSet labels)
    {
        json.WriteStartObject();
        foreach (var label in labels)
        {
            json.WriteString(label.Name, label.Value);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes <c>[seconds, "value"]</c>.</summary>
    public static void WritePoint(Utf8JsonWriter json, long timestampMs, double value)
    {
        json.WriteStartArray();
        WriteTime(json, timestampMs);
        WriteNumber(json, value);
        json.WriteEndArray();
    }

    /// <summary>Writes a time as seconds with at most three decimals.</summary>
    public static void WriteTime(Utf8JsonWriter json, long timestampMs)
    {
        Span<byte> text = stackalloc byte[32];
        json.WriteRawValue(text[..AnswerWriter.FormatTime(timestampMs, text)], skipInputValidation: true);
    }

    /// <summary>Writes a value as a string.</summary>
    public static void WriteNumber(Utf8JsonWriter json, double value)
    {
        Span<byte> text = stackalloc byte[GoFloat.MostBytes];
        json.WriteStringValue(text[..GoFloat.Format(value, text)]);
    }

    /// <summary>Writes a list of strings.</summary>
    public static void WriteStrings(Utf8JsonWriter json, IEnumerable<string> values)
    {
        json.WriteStartArray();
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    /// <summary>A time as RFC 3339 with nanoseconds' precision where there is any, as Go writes it.</summary>
    public static string Rfc3339(TimestampMs time) => time.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'");

    private static void WriteList(Utf8JsonWriter json, string name, IReadOnlyList<string>? values)
    {
        if (values is { Count: > 0 })
        {
            json.WritePropertyName(name);
            WriteStrings(json, values);
        }
    }
}
