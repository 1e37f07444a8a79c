using System.Globalization;
using System.Text.Json;
using Flyball.Model.Labels;
using Flyball.Model.Time;
using Microsoft.AspNetCore.Http;

namespace Flyball.Alerting.Api;

/// <summary>The envelope and the small forms all answers of the Prometheus API share. Source: Prometheus documentation, "Recording and alerting rules".</summary>
internal static class PrometheusJson
{
    /// <summary>What Go writes for "never".</summary>
    public const string ZeroTime = "0001-01-01T00:00:00Z";

    public static async Task AnswerAsync(HttpContext http, Action<Utf8JsonWriter> writeData)
    {
        http.Response.ContentType = "application/json";
        using var buffer = new MemoryStream();
        await using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("status", "success");
            json.WritePropertyName("data");
            writeData(json);
            json.WriteEndObject();
        }

        buffer.Position = 0;
        await buffer.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    public static async Task RefuseAsync(HttpContext http, string error)
    {
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        await http.Response.WriteAsJsonAsync(
            new { status = "error", errorType = "bad_data", error },
            JsonSerializerOptions.Web,
            "application/json",
            http.RequestAborted);
    }

    public static void WriteLabels(this Utf8JsonWriter json, string name, LabelSet labels)
    {
        json.WriteStartObject(name);
        foreach (var label in labels)
        {
            json.WriteString(label.Name, label.Value);
        }

        json.WriteEndObject();
    }

    public static string Rfc3339(TimestampMs? time) => time is null
        ? ZeroTime
        : time.Value.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);
}
