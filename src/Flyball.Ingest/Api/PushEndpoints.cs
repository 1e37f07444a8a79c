using System.IO.Compression;
using Flyball.Ingest.Bodies;
using Flyball.Ingest.Exposition;
using Flyball.Ingest.Push;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Ingest.Api;

/// <summary>The Pushgateway's calls. The README of Prometheus' Pushgateway.</summary>
public static class PushEndpoints
{
    private const int LargestPush = 16 << 20;

    /// <summary>Answers <c>PUT</c>, <c>POST</c> and <c>DELETE /metrics/job/…</c> with 200, 202 or 400 and a reason,
    /// <c>GET /api/v1/metrics</c> and, where administering is allowed, <c>PUT /api/v1/admin/wipe</c>.</summary>
    /// <param name="mayWipe">Whether everything pushed may be forgotten by a call.</param>
    public static IEndpointRouteBuilder MapPushgateway(this IEndpointRouteBuilder endpoints, PushStore store, bool mayWipe = false)
    {
        endpoints.MapGet("/api/v1/metrics", context => PushJson.WriteAsync(context, store.Groups()));
        if (mayWipe)
        {
            endpoints.MapPut("/api/v1/admin/wipe", context => WipeAsync(context, store));
        }

        endpoints.MapGet("/metrics/{**key}", RefuseReadingAsync);
        endpoints.MapPut("/metrics/{**key}", context => PushAsync(context, KeyOf(context), store, replaceAll: true));
        endpoints.MapPost("/metrics/{**key}", context => PushAsync(context, KeyOf(context), store, replaceAll: false));
        endpoints.MapDelete("/metrics/{**key}", context => DeleteAsync(context, KeyOf(context), store));
        return endpoints;
    }

    private static string KeyOf(HttpContext context) => context.GetRouteValue("key") as string ?? "";

    private static async Task PushAsync(HttpContext context, string path, PushStore store, bool replaceAll)
    {
        if (GroupingKey.Read(path, out var problem) is not { } key)
        {
            await RefuseAsync(context, problem);
            return;
        }

        using var body = new BodyBuffer();
        try
        {
            await ReadBodyAsync(context, body);
            problem = Store(store, key, body, replaceAll);
        }
        catch (Exception e) when (e is BodyTooLargeException or InvalidDataException or ExpositionFormatException)
        {
            problem = e.Message;
        }

        if (problem is not null)
        {
            await RefuseAsync(context, problem);
        }
    }

    private static Task DeleteAsync(HttpContext context, string path, PushStore store)
    {
        if (GroupingKey.Read(path, out var problem) is not { } key)
        {
            return RefuseAsync(context, problem);
        }

        store.Delete(key);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        return Task.CompletedTask;
    }

    private static Task WipeAsync(HttpContext context, PushStore store)
    {
        store.Wipe();
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        return Task.CompletedTask;
    }

    private static Task RefuseReadingAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.Allow = "DELETE, OPTIONS, POST, PUT";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.WriteAsync("Method Not Allowed\n", context.RequestAborted);
    }

    private static string? Store(PushStore store, Model.Labels.LabelSet key, BodyBuffer body, bool replaceAll)
    {
        var parser = new PushTextParser(body.Memory.Span);
        return store.Push(key, parser.Read(), parser.HasTimestamps, replaceAll);
    }

    private static async ValueTask ReadBodyAsync(HttpContext context, BodyBuffer body)
    {
        var encoding = context.Request.Headers.ContentEncoding.ToString();
        switch (encoding)
        {
            case "" or "identity":
                await body.FillAsync(context.Request.Body, LargestPush, context.RequestAborted);
                break;
            case "gzip":
                await using (var unzipped = new GZipStream(context.Request.Body, CompressionMode.Decompress, leaveOpen: true))
                {
                    await body.FillAsync(unzipped, LargestPush, context.RequestAborted);
                }

                break;
            default:
                throw new InvalidDataException($"content encoding \"{encoding}\" is not known; send gzip or none");
        }
    }

    private static Task RefuseAsync(HttpContext context, string? problem)
    {
        context.Response.StatusCode = problem is null ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.WriteAsync((problem ?? "404 page not found") + "\n", context.RequestAborted);
    }
}
