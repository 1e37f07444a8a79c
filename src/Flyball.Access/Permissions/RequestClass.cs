using Microsoft.AspNetCore.Http;

namespace Flyball.Access.Permissions;

/// <summary>Sorts requests by what they do, so that a role can be asked for.</summary>
internal static class RequestClass
{
    private static readonly string[] Telemetry = ["/v1/traces", "/v1/metrics", "/hooks", "/metrics/job", "/api/v1/write", "/api/v1/otlp"];

    // POST only carries long parameters here; nothing is changed.
    private static readonly string[] Queries =
    [
        "/api/v1/query", "/api/v1/query_range", "/api/v1/query_exemplars", "/api/v1/series", "/api/v1/labels",
        "/api/v1/format_query", "/api/v1/parse_query", "/api/v1/read", "/api/v1/search",
    ];

    /// <summary>The role a request needs; null when anybody may (probes of load balancers).</summary>
    public static AccessRole? RoleFor(HttpRequest request)
    {
        var path = request.Path;
        if (path == "/-/healthy" || path == "/-/ready")
        {
            return null;
        }

        if (Starts(path, Telemetry) && !HttpMethods.IsGet(request.Method))
        {
            return AccessRole.Sender;
        }

        // gRPC: the OTLP services are named by their proto packages.
        if (path.StartsWithSegments("/opentelemetry.proto.collector.trace.v1.TraceService", StringComparison.Ordinal)
            || path.StartsWithSegments("/opentelemetry.proto.collector.metrics.v1.MetricsService", StringComparison.Ordinal))
        {
            return AccessRole.Sender;
        }

        var reads = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);
        return reads || Starts(path, Queries) ? AccessRole.Viewer : AccessRole.Operator;
    }

    private static bool Starts(PathString path, string[] prefixes) =>
        Array.Exists(prefixes, prefix => path.StartsWithSegments(prefix, StringComparison.Ordinal));
}
