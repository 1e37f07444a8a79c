using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.PrometheusApi;

/// <summary>Maps calls of <c>/api/v1</c>: reads parameters, turns failures into the error envelope.</summary>
internal static class ApiRoutes
{
    private static readonly string[] GetOnly = [HttpMethods.Get];
    private static readonly string[] GetAndPost = [HttpMethods.Get, HttpMethods.Post];

    public delegate Task Handler(HttpContext context, ApiRequest request);

    public static void MapApiGet(this IEndpointRouteBuilder routes, string path, Handler handler) => Map(routes, GetOnly, path, handler);

    public static void MapApiQuery(this IEndpointRouteBuilder routes, string path, Handler handler) => Map(routes, GetAndPost, path, handler);

    public static void MapApi(this IEndpointRouteBuilder routes, string path, string[] methods, Handler handler) => Map(routes, methods, path, handler);

    /// <summary>Gives what is not there, and methods a path does not know, the bodies of Go's router.</summary>
    public static void UsePlainRefusals(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        await next(context);
        if (context.Response.HasStarted || context.Response.ContentType is not null || !context.Request.Path.StartsWithSegments("/api/v1", StringComparison.Ordinal))
        {
            return;
        }

        switch (context.Response.StatusCode)
        {
            case StatusCodes.Status404NotFound:
                await PlainAsync(context, StatusCodes.Status404NotFound, "404 page not found\n");
                break;
            case StatusCodes.Status405MethodNotAllowed:
                await PlainAsync(context, StatusCodes.Status405MethodNotAllowed, "Method Not Allowed\n");
                break;
            default:
                break;
        }
    });

    private static async Task PlainAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        await context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static void Map(IEndpointRouteBuilder routes, string[] methods, string path, Handler handler) =>
        routes.MapMethods("/api/v1" + path, methods, (RequestDelegate)(context => AnswerAsync(context, handler)));

    private static async Task AnswerAsync(HttpContext context, Handler handler)
    {
        try
        {
            await handler(context, await ApiRequest.ReadAsync(context.Request, context.RequestAborted));
        }
        catch (ApiException e)
        {
            await ApiAnswer.ErrorAsync(context, e);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client hung up: there is nobody to answer.
        }
    }
}
