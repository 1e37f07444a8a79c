using System.Text.Encodings.Web;
using System.Text.Json;
using Flyball.Model.Wire;

namespace Flyball.Ingest.Otlp;

/// <summary>Encodes answers: Export…ServiceResponse and google.rpc.Status, as protobuf and as JSON.</summary>
/// <remarks>
/// <code>
/// Export…ServiceResponse { partial_success 1 { rejected 1, error_message 2 } }
/// google.rpc.Status      { code 1, message 2, details 3 { type_url 1, value 2 } }
/// </code>
/// </remarks>
internal static class OtlpMessages
{
    private const string RetryInfoType = "type.googleapis.com/google.rpc.RetryInfo";

    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The response of an export; empty when everything was stored.</summary>
    public static byte[] Response(OtlpAnswer answer)
    {
        if (answer is { Rejected: 0, Message: null })
        {
            return [];
        }

        var writer = new WireWriter();
        var partial = writer.Begin(1);
        writer.Varint(1, (ulong)answer.Rejected);
        writer.Text(2, answer.ShortMessage);
        writer.End(partial);
        return writer.Written.ToArray();
    }

    /// <summary>The response of an export as JSON; <c>{}</c> when everything was stored.</summary>
    /// <param name="rejectedKey">The signal's own word, e.g. <c>rejectedSpans</c>.</param>
    public static byte[] ResponseJson(OtlpAnswer answer, string rejectedKey) => Json(json =>
    {
        if (answer is { Rejected: 0, Message: null })
        {
            return;
        }

        json.WriteStartObject("partialSuccess");
        if (answer.Rejected > 0)
        {
            json.WriteString(rejectedKey, answer.Rejected.ToString());
        }

        json.WriteString("errorMessage", answer.ShortMessage);
        json.WriteEndObject();
    });

    /// <summary>An error; with a delay it carries google.rpc.RetryInfo, so that clients come back.</summary>
    public static byte[] Status(OtlpAnswer answer, TimeSpan? retryAfter = null)
    {
        var writer = new WireWriter();
        writer.Varint(1, (ulong)answer.Code);
        writer.Text(2, answer.ShortMessage);
        if (retryAfter is { } delay)
        {
            var any = writer.Begin(3);
            writer.Text(1, RetryInfoType);
            var info = writer.Begin(2);
            var duration = writer.Begin(1);
            writer.Varint(1, (ulong)delay.TotalSeconds);
            writer.Varint(2, (ulong)(delay.Ticks % TimeSpan.TicksPerSecond * 100));
            writer.End(duration);
            writer.End(info);
            writer.End(any);
        }

        return writer.Written.ToArray();
    }

    /// <summary>An error as JSON.</summary>
    public static byte[] StatusJson(OtlpAnswer answer) => Json(json =>
    {
        json.WriteNumber("code", (int)answer.Code);
        json.WriteString("message", answer.ShortMessage);
    });

    private static byte[] Json(Action<Utf8JsonWriter> writeMembers)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, JsonOptions))
        {
            json.WriteStartObject();
            writeMembers(json);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
