using System.Buffers;
using Flyball.Traces;
using Flyball.Traces.TraceQL;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Api = Flyball.Traces.Jaeger.JaegerApi;

namespace Flyball.Server.JaegerApi;

/// <summary>Jaeger's query API over the span store, for Grafana's Jaeger data source and Jaeger's interface (Prometheus documentation, "HTTP API").</summary>
/// <remarks>Everything stands under <c>/jaeger/api</c>; what Tempo's API leaves free also under <c>/api</c>, as Jaeger has it.</remarks>
internal static class JaegerEndpoints
{
    private const string Prefix = "/jaeger";

    /// <summary>Mounts services, operations, traces and dependencies.</summary>
    /// <param name="clock">What "now" is for questions without an end; null for the system's clock.</param>
    public static IEndpointRouteBuilder MapJaegerApi(this IEndpointRouteBuilder endpoints, SpanStore store, TimeProvider? clock = null)
    {
        var api = new Api(store);
        var time = clock ?? TimeProvider.System;
        foreach (var prefix in new[] { Prefix, "" })
        {
            endpoints.MapGet(prefix + "/api/services", context => AnswerAsync(context, to => api.WriteServices(to, context.RequestAborted)));
            endpoints.MapGet(prefix + "/api/services/{service}/operations", context =>
                AnswerAsync(context, to => api.WriteOperationNames((string)context.GetRouteValue("service")!, to, context.RequestAborted)));
            endpoints.MapGet(prefix + "/api/operations", context => AnswerAsync(context, to =>
                api.WriteOperations(JaegerRequest.ReadService(context.Request.Query), JaegerRequest.ReadKind(context.Request.Query), to, context.RequestAborted)));
            endpoints.MapGet(prefix + "/api/traces", context => AnswerAsync(context, to => FindTraces(context, api, time, to)));
            endpoints.MapGet(prefix + "/api/dependencies", context => AnswerAsync(context, to =>
            {
                var (from, until) = JaegerRequest.ReadLookback(context.Request.Query, time);
                api.WriteDependencies(from, until, to, context.RequestAborted);
            }));
            foreach (var question in new[] { "latencies", "calls", "errors", "minstep" })
            {
                endpoints.MapGet($"{prefix}/api/metrics/{question}", context => RefuseAsync(
                    context, "span metrics are asked by PromQL: traces_spanmetrics_calls_total, traces_spanmetrics_latency", StatusCodes.Status501NotImplemented));
            }
        }

        // /api/traces/{id} is Tempo's.
        endpoints.MapGet(Prefix + "/api/traces/{id}", context => TraceAsync(context, api, (string)context.GetRouteValue("id")!));
        return endpoints;
    }

    private static void FindTraces(HttpContext context, Api api, TimeProvider time, IBufferWriter<byte> to)
    {
        var ids = context.Request.Query["traceID"];
        if (ids.Count > 0)
        {
            api.WriteTraces([.. ids.Select(id => JaegerRequest.ReadId(id ?? ""))], to, context.RequestAborted);
        }
        else
        {
            api.WriteTraces(JaegerRequest.ReadSearch(context.Request.Query, time), to, context.RequestAborted);
        }
    }

    private static Task TraceAsync(HttpContext context, Api api, string id) => AnswerAsync(context, to =>
    {
        if (api.WriteTraces([JaegerRequest.ReadId(id)], to, context.RequestAborted) == 0)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    });

    private static async Task AnswerAsync(HttpContext context, Action<IBufferWriter<byte>> write)
    {
        var body = new ArrayBufferWriter<byte>();
        try
        {
            write(body);
        }
        catch (Exception e) when (e is JaegerRequestException or TraceQLException)
        {
            await RefuseAsync(context, e.Message, StatusCodes.Status400BadRequest);
            return;
        }

        await WriteAsync(context, body);
    }

    private static Task RefuseAsync(HttpContext context, string message, int status)
    {
        var body = new ArrayBufferWriter<byte>();
        Api.WriteError(status, message, body);
        context.Response.StatusCode = status;
        return WriteAsync(context, body);
    }

    private static async Task WriteAsync(HttpContext context, ArrayBufferWriter<byte> body)
    {
        var bytes = body.WrittenMemory;
        if (context.Request.Query.ContainsKey("prettyPrint"))
        {
            bytes = JaegerRequest.Indent(bytes);
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}
