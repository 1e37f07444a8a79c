using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.PrometheusApi;

/// <summary><c>GET /api/v1/openapi.yaml</c>: which paths the server answers below <c>/api/v1</c>, with their methods and the envelope.</summary>
/// <remarks>Written from the routes themselves, so it cannot name one that is not there. OpenAPI Specification 3.1 and 3.2.</remarks>
internal static class OpenApiEndpoint
{
    private const string Root = "/api/v1";

    private const string Components = """
        components:
          schemas:
            Answer:
              type: object
              required: [status]
              properties:
                status: {type: string, enum: [success, error]}
                data: {}
                errorType: {type: string}
                error: {type: string}
                warnings: {type: array, items: {type: string}}
                infos: {type: array, items: {type: string}}

        """;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapApiGet("/openapi.yaml", (context, request) =>
    {
        var version = request.Text("openapi_version") switch
        {
            null or "" or "3.1" => "3.1.0",
            "3.2" => "3.2.0",
            var other => throw ApiRequest.Invalid("openapi_version", $"\"{other}\" is not known; ask for 3.1 or 3.2"),
        };
        context.Response.ContentType = "application/yaml; charset=utf-8";
        return context.Response.WriteAsync(Describe(version, context.Request.PathBase + Root, routes.DataSources), context.RequestAborted);
    });

    private static string Describe(string version, string root, IEnumerable<EndpointDataSource> sources)
    {
        var text = new StringBuilder();
        text.Append("openapi: ").Append(version).Append("\ninfo:\n  title: Flyball, the HTTP API of Prometheus\n  version: \"")
            .Append(SelfMetrics.ProcessMetrics.ProductVersion).Append("\"\nservers:\n  - url: ").Append(root).Append("\npaths:\n");
        foreach (var path in Operations(sources).GroupBy(o => o.Path).OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            text.Append("  ").Append(path.Key).Append(":\n");
            foreach (var method in path.Select(p => p.Method).Distinct().Order(StringComparer.Ordinal))
            {
                Write(text, path.Key, method);
            }
        }

        return text.Append(Components).ToString();
    }

    private static IEnumerable<(string Path, string Method)> Operations(IEnumerable<EndpointDataSource> sources) =>
        from endpoint in sources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
        let pattern = "/" + endpoint.RoutePattern.RawText?.TrimStart('/')
        where pattern.StartsWith(Root + "/", StringComparison.Ordinal) && !pattern.Contains("**", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
        select (pattern[Root.Length..], method.ToLowerInvariant());

    private static void Write(StringBuilder text, string path, string method)
    {
        text.Append("    ").Append(method).Append(":\n");
        for (var at = path.IndexOf('{', StringComparison.Ordinal); at >= 0; at = path.IndexOf('{', at + 1))
        {
            text.Append("      parameters:\n        - {name: ").Append(path.AsSpan(at + 1, path.IndexOf('}', at) - at - 1)).Append(", in: path, required: true, schema: {type: string}}\n");
        }

        text.Append("      responses:\n");
        foreach (var (status, meaning) in (ReadOnlySpan<(string, string)>)[("\"200\"", "the answer"), ("default", "why there is none")])
        {
            text.Append("        ").Append(status).Append(": {description: ").Append(meaning)
                .Append(", content: {application/json: {schema: {$ref: \"#/components/schemas/Answer\"}}}}\n");
        }
    }
}
