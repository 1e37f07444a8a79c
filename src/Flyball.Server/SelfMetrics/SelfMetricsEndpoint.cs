using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.SelfMetrics;

/// <summary><c>GET /metrics</c>: the program's own metrics.</summary>
internal static class SelfMetricsEndpoint
{
    private const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static void MapSelfMetrics(this IEndpointRouteBuilder routes, MetricRegistry registry) =>
        routes.MapGet("/metrics", context => Results.Text(SelfMetricsPage.Write(registry.Collect()), ContentType, Encoding.UTF8).ExecuteAsync(context));
}
