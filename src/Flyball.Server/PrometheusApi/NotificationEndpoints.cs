using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.PrometheusApi;

/// <summary><c>/notifications</c> and its stream <c>/notifications/live</c>. Prometheus documentation, "HTTP API".</summary>
internal sealed class NotificationEndpoints(Notifications notifications, CancellationToken stopping)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApiGet("/notifications", (context, _) => ApiAnswer.SuccessAsync(context, json =>
        {
            json.WriteStartArray();
            foreach (var notification in notifications.Active)
            {
                Write(json, notification);
            }

            json.WriteEndArray();
        }));
        routes.MapApiGet("/notifications/live", StreamAsync);
    }

    private async Task StreamAsync(HttpContext context, ApiRequest request)
    {
        if (notifications.Listen() is not { } listener)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-cache";
            await context.Response.Body.FlushAsync(ending.Token);
            await foreach (var notification in listener.ReadAllAsync(ending.Token))
            {
                await context.Response.WriteAsync($"data: {Text(notification)}\n\n", ending.Token);
                await context.Response.Body.FlushAsync(ending.Token);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The browser went away or the server stops; either ends the stream.
        }
        finally
        {
            notifications.Leave(listener);
        }
    }

    private static string Text(Notification notification)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json, notification);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static void Write(Utf8JsonWriter json, Notification notification)
    {
        json.WriteStartObject();
        json.WriteString("text"u8, notification.Text);
        json.WriteString("date"u8, ApiAnswer.Rfc3339(notification.At));
        json.WriteBoolean("active"u8, notification.Active);
        json.WriteEndObject();
    }
}
