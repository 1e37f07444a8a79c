using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.Hosting;

/// <summary><c>/-/healthy</c>, <c>/-/ready</c>, <c>/-/reload</c>. Shared facts D1, D2.</summary>
internal static class LifecycleEndpoints
{
    /// <summary>What a living server says.</summary>
    public const string Healthy = "Flyball is Healthy.\n";

    private static readonly string[] Probes = [HttpMethods.Get, HttpMethods.Head];
    private static readonly string[] Changes = [HttpMethods.Post, HttpMethods.Put];

    /// <summary>What a server says that cannot answer questions yet.</summary>
    public static string NotReady(Readiness readiness) => $"Service Unavailable: {readiness.Stage}\n";

    /// <summary>Maps them.</summary>
    /// <param name="reload">Reloads and returns what is wrong, or null.</param>
    public static void MapLifecycle(this IEndpointRouteBuilder routes, Readiness readiness, Func<CancellationToken, Task<string?>> reload)
    {
        routes.MapMethods("/-/healthy", Probes, () => Results.Text(Healthy));
        routes.MapMethods("/-/ready", Probes, () => readiness.IsReady
            ? Results.Text("Flyball is Ready.\n")
            : Results.Text(NotReady(readiness), statusCode: StatusCodes.Status503ServiceUnavailable));
        routes.MapMethods("/-/reload", Changes, async (CancellationToken cancellationToken) => await reload(cancellationToken) is { } error
            ? Results.Text($"failed to reload config: {error}\n", statusCode: StatusCodes.Status500InternalServerError)
            : Results.Ok());
        routes.MapGet("/-/reload", () => Results.Text("Only POST or PUT requests allowed\n", statusCode: StatusCodes.Status405MethodNotAllowed));
    }
}
