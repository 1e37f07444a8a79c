using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Api;

/// <summary>How this room's doors answer: one JSON object, written whole before the first byte leaves, so that a failure is still an error.</summary>
internal static class JsonAnswer
{
    public static Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write) => WriteAsync(context, json =>
    {
        write(json);
        return ValueTask.CompletedTask;
    });

    public static async Task WriteAsync(HttpContext context, Func<Utf8JsonWriter, ValueTask> write)
    {
        using var body = new MemoryStream();
        await using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            await write(json);
            json.WriteEndObject();
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted);
    }

    public static Task RefuseAsync(HttpContext context, int status, string error)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { error }, context.RequestAborted);
    }
}
