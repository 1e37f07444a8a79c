using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.Live;

/// <summary><c>GET /api/flyball/live</c>: server-sent events (WHATWG HTML, section 9.2).</summary>
internal static class LiveEndpoint
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    public static void MapLive(this IEndpointRouteBuilder routes, LiveHub hub, TimeProvider time, CancellationToken stopping) =>
        routes.MapGet("/api/flyball/live", context => StreamAsync(context, hub, time, stopping));

    private static async Task StreamAsync(HttpContext context, LiveHub hub, TimeProvider time, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        using var listener = hub.Listen();
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            await context.Response.WriteAsync(": hello\n\n", ending.Token);
            await context.Response.Body.FlushAsync(ending.Token);
            while (true)
            {
                var more = await WaitAsync(listener, time, ending.Token);
                if (!more)
                {
                    // Proxies close connections that are silent for long.
                    await context.Response.WriteAsync(": still here\n\n", ending.Token);
                }

                while (listener.Messages.TryRead(out var message))
                {
                    await context.Response.WriteAsync($"id: {message.Id}\nevent: {message.Kind}\ndata: {Encoding.UTF8.GetString(message.Json.Span)}\n\n", ending.Token);
                }

                await context.Response.Body.FlushAsync(ending.Token);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The browser went away or the server stops; either ends the stream.
        }
    }

    private static async Task<bool> WaitAsync(LiveHub.Listener listener, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(KeepAlive, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await listener.Messages.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
