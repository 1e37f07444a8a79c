using System.Buffers;
using Flyball.Traces;
using Flyball.Traces.Tempo;
using Flyball.Traces.TraceQL;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Api = Flyball.Traces.Tempo.TempoApi;

namespace Flyball.Server.TempoApi;

/// <summary>Tempo's HTTP API over the span store, so that Grafana's Tempo data source works (Tempo documentation, "HTTP API").</summary>
internal static class TempoEndpoints
{
    private const string Json = "application/json";
    private const string Protobuf = "application/protobuf";

    // Grafana decides by the version which of Tempo's questions it may ask: the one whose questions are answered here stands there.
    private static readonly Dictionary<string, string> BuildInfo = new()
    {
        ["version"] = "2.9.0",
        ["revision"] = SelfMetrics.ProcessMetrics.ProductVersion,
        ["branch"] = "flyball",
        ["buildDate"] = "",
        ["buildUser"] = "",
        ["goVersion"] = "",
    };

    /// <summary>Mounts <c>/api/traces</c>, <c>/api/v2/traces</c>, <c>/api/search</c> with its tags, and <c>/api/echo</c>.</summary>
    /// <param name="clock">What "now" is for questions without an end; null for the system's clock.</param>
    /// <param name="options">Bounds; null for the standard ones.</param>
    public static IEndpointRouteBuilder MapTempoApi(
        this IEndpointRouteBuilder endpoints, SpanStore store, TimeProvider? clock = null, TempoOptions? options = null)
    {
        var api = new Api(store, options);
        var time = clock ?? TimeProvider.System;
        endpoints.MapGet("/api/echo", context => Results.Text("echo").ExecuteAsync(context));
        endpoints.MapGet("/ready", context => Results.Text("ready").ExecuteAsync(context));
        endpoints.MapGet("/api/status/buildinfo", context => Results.Json(BuildInfo).ExecuteAsync(context));
        endpoints.MapGet("/api/traces/{id}", context => TraceAsync(context, api, ValueOf(context, "id"), isVersion2: false));
        endpoints.MapGet("/api/v2/traces/{id}", context => TraceAsync(context, api, ValueOf(context, "id"), isVersion2: true));
        endpoints.MapGet("/api/search", context => AnswerAsync(context, to =>
            api.WriteSearch(TempoRequest.ReadSearch(context.Request.Query), to, context.RequestAborted)));
        endpoints.MapGet("/api/search/tags", context => TagsAsync(context, api, isVersion2: false));
        endpoints.MapGet("/api/v2/search/tags", context => TagsAsync(context, api, isVersion2: true));
        endpoints.MapGet("/api/search/tag/{name}/values", context =>
            TagValuesAsync(context, api, ValueOf(context, "name"), isVersion2: false));
        endpoints.MapGet("/api/v2/search/tag/{name}/values", context =>
            TagValuesAsync(context, api, ValueOf(context, "name"), isVersion2: true));
        endpoints.MapGet("/api/metrics/query_range", context => AnswerAsync(context, to =>
        {
            var search = TempoMetricsRequest.Read(context.Request.Query, time);
            var exemplars = TempoRequest.ReadOptionalCount(context.Request.Query, "exemplars");
            api.WriteMetrics(search, TempoMetricsRequest.ReadStep(context.Request.Query, search), exemplars, to, context.RequestAborted);
        }));
        endpoints.MapGet("/api/metrics/query", context => AnswerAsync(context, to =>
            api.WriteMetrics(TempoMetricsRequest.Read(context.Request.Query, time), step: null, exemplars: null, to, context.RequestAborted)));
        return endpoints;
    }

    private static string ValueOf(HttpContext context, string name) => (string)context.GetRouteValue(name)!;

    private static async Task TraceAsync(HttpContext context, Api api, string id, bool isVersion2)
    {
        var format = context.Request.Headers.Accept.ToString().Contains(Protobuf, StringComparison.OrdinalIgnoreCase)
            ? TempoFormat.Protobuf : TempoFormat.Json;
        var body = new ArrayBufferWriter<byte>();
        TraceOutcome outcome;
        try
        {
            outcome = api.WriteTrace(TempoTraceRequest.Read(id, context.Request.Query, isVersion2), format, isVersion2, body, context.RequestAborted);
        }
        catch (Exception e) when (e is TraceQLException or TempoRequestException)
        {
            await RefuseAsync(context, e.Message);
            return;
        }

        switch (outcome)
        {
            case TraceOutcome.NotFound:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
            case TraceOutcome.TooLarge:
                await RefuseAsync(context, "the trace is too large for this path; ask for /api/v2/traces, which returns a part", StatusCodes.Status422UnprocessableEntity);
                break;
            default:
                await WriteAsync(context, format == TempoFormat.Protobuf ? Protobuf : Json, body);
                break;
        }
    }

    private static Task TagsAsync(HttpContext context, Api api, bool isVersion2)
    {
        var scope = context.Request.Query["scope"].ToString();
        return Api.IsScope(scope)
            ? AnswerAsync(context, to => api.WriteTags(
                scope, isVersion2, context.Request.Query["q"], TempoRequest.ReadWindow(context.Request.Query), to, context.RequestAborted))
            : RefuseAsync(context, $"\"{scope}\" is no scope; use resource, span, event, link, instrumentation, intrinsic or none");
    }

    private static Task TagValuesAsync(HttpContext context, Api api, string name, bool isVersion2) =>
        AnswerAsync(context, to => api.WriteTagValues(
            name, isVersion2, context.Request.Query["q"], TempoRequest.ReadWindow(context.Request.Query), to, context.RequestAborted));

    private static async Task AnswerAsync(HttpContext context, Action<IBufferWriter<byte>> write)
    {
        var body = new ArrayBufferWriter<byte>();
        try
        {
            write(body);
        }
        catch (Exception e) when (e is TraceQLException or TempoRequestException)
        {
            await RefuseAsync(context, e.Message);
            return;
        }

        await WriteAsync(context, Json, body);
    }

    private static async Task WriteAsync(HttpContext context, string type, ArrayBufferWriter<byte> body)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = body.WrittenCount;
        await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext context, string message, int status = StatusCodes.Status400BadRequest)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(message, context.RequestAborted);
    }
}
