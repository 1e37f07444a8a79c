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
        routes.MapMethods("/-/quit", Changes, () =>
        {
            if (quit is null)
            {
                return Results.Text("Lifecycle API is not enabled.", statusCode: StatusCodes.Status403Forbidden);
            }

            quit();
            return Results.Text("Requesting termination... Goodbye!");
        });
        routes.MapGet("/-/quit", () => Results.Text("Only POST or PUT requests allowed", statusCode: StatusCodes.Status405MethodNotAllowed));
        routes.MapMethods("/-/healthy", Probes, () => Results.Text(Healthy));
        routes.MapMethods("/-/ready", Probes, () => readiness.IsReady
            ? Results.Text("Prometheus Server is Ready.\n")
            : Results.Text(NotReady(readiness), statusCode: StatusCodes.Status503ServiceUnavailable));
        routes.MapMethods("/-/reload", Changes, async (CancellationToken cancellationToken) => await reload(cancellationToken) is { } error
            ? Results.Text($"failed to reload config: {error}\n", statusCode: StatusCodes.Status500InternalServerError)
            : Results.Ok());
        routes.MapGet("/-/reload", () => Results.Text("Only POST or PUT requests allowed", statusCode: StatusCodes.Status405MethodNotAllowed));
    }
}
