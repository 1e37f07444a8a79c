using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.Hosting;

/// <summary><c>/-/healthy</c>, <c>/-/ready</c>, <c>/-/reload</c>, <c>/-/quit</c>. Prometheus documentation, "HTTP API".</summary>
internal static class LifecycleEndpoints
{
    /// <summary>What a living server says. The words are Prometheus': there are probes that compare them.</summary>
    public const string Healthy = "Prometheus Server is Healthy.\n";

    private static readonly string[] Probes = [HttpMethods.Get, HttpMethods.Head];
    private static readonly string[] Changes = [HttpMethods.Post, HttpMethods.Put];

    /// <summary>What a server says that cannot answer questions yet.</summary>
    public static string NotReady(Readiness readiness) => $"Service Unavailable: {readiness.Stage}\n";

    /// <summary>Maps them.</summary>
    /// <param name="reload">Reloads and returns what is wrong, or null.</param>
    /// <param name="quit">Ends the server; null = it may not be ended over HTTP.</param>
    public static void MapLifecycle(
        this IEndpointRouteBuilder routes, Readiness readiness, Func<CancellationToken, Task<string?>> reload, Action? quit)
    {
        // Request delegates, not lambdas with parameters of their own: those are compiled when the first request comes.
        routes.MapMethods("/-/quit", Changes, (RequestDelegate)(context =>
        {
            quit?.Invoke();
            return quit is null
                ? SayAsync(context, "Lifecycle API is not enabled.", StatusCodes.Status403Forbidden)
                : SayAsync(context, "Requesting termination... Goodbye!");
        }));
        routes.MapGet("/-/quit", RefuseAsync);
        routes.MapMethods("/-/healthy", Probes, (RequestDelegate)(context => SayAsync(context, Healthy)));
        routes.MapMethods("/-/ready", Probes, (RequestDelegate)(context => readiness.IsReady
            ? SayAsync(context, "Prometheus Server is Ready.\n")
            : SayAsync(context, NotReady(readiness), StatusCodes.Status503ServiceUnavailable)));
        routes.MapMethods("/-/reload", Changes, (RequestDelegate)(async context =>
        {
            if (await reload(context.RequestAborted) is { } error)
            {
                await SayAsync(context, $"failed to reload config: {error}\n", StatusCodes.Status500InternalServerError);
            }
        }));
        routes.MapGet("/-/reload", RefuseAsync);
    }

    private static Task RefuseAsync(HttpContext context) =>
        SayAsync(context, "Only POST or PUT requests allowed", StatusCodes.Status405MethodNotAllowed);

    private static Task SayAsync(HttpContext context, string text, int status = StatusCodes.Status200OK) =>
        Results.Text(text, statusCode: status).ExecuteAsync(context);
}
