using System.Globalization;
using Flyball.Ingest.Otlp;
using Flyball.Ingest.Otlp.Metrics;
using Flyball.Ingest.Otlp.Traces;
using Flyball.Model.Samples;
using Flyball.Model.Spans;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Net.Http.Headers;

namespace Flyball.Ingest.Api;

/// <summary>OTLP over HTTP: protobuf or JSON, plain or gzip. Rules: OpenTelemetry protocol specification.</summary>
public static class OtlpHttpApi
{
    private const string Protobuf = "application/x-protobuf";
    private const string Json = "application/json";

    /// <summary>Answers <c>POST /v1/traces</c> and, with a sink for samples, <c>/v1/metrics</c>; other methods get 405, other
    /// types 415, oversized bodies 413.</summary>
    /// <param name="spans">Where spans go. While it throws <see cref="IOException"/>, clients get 503 and a time to come back.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="samples">Where metrics go; null leaves their path unanswered (404).</param>
    public static IEndpointRouteBuilder MapOtlpHttp(
        this IEndpointRouteBuilder endpoints, ISpanSink spans, OtlpOptions? options = null, ISampleSink? samples = null)
    {
        var receiver = new OtlpReceiver(options ?? new OtlpOptions(), LoggerOf(endpoints));
        var traces = new TraceSignal(spans);
        endpoints.MapPost("/v1/traces", context => AnswerAsync(context, receiver, traces));
        if (samples is not null)
        {
            var metrics = new MetricsSignal(samples, new DeltaTotals());
            endpoints.MapPost("/v1/metrics", context => AnswerAsync(context, receiver, metrics));
            endpoints.MapPost("/api/v1/otlp/v1/metrics", context => AnswerAsync(context, receiver, metrics));
        }

        return endpoints;
    }

    internal static ILogger LoggerOf(IEndpointRouteBuilder endpoints) =>
        endpoints.ServiceProvider.GetService<ILoggerFactory>()?.CreateLogger("Flyball.Ingest.Otlp") ?? NullLogger.Instance;

    private static async Task AnswerAsync(HttpContext context, OtlpReceiver receiver, IOtlpSignal signal)
    {
        if (EncodingOf(context.Request) is not { } encoding)
        {
            await WriteErrorAsync(context, StatusCodes.Status415UnsupportedMediaType, OtlpEncoding.Json, new OtlpAnswer(
                RpcCode.InvalidArgument, Message: $"content type \"{context.Request.ContentType}\" is not known; send {Protobuf} or {Json}"));
            return;
        }

        if (!TryReadCompression(context.Request, out var gzip))
        {
            await WriteErrorAsync(context, StatusCodes.Status415UnsupportedMediaType, encoding, new OtlpAnswer(
                RpcCode.InvalidArgument,
                Message: $"content encoding \"{context.Request.Headers.ContentEncoding}\" is not known; send gzip or none"));
            return;
        }

        ServerBodyLimit.Lift(context);
        var answer = await ReceiveAsync(context, receiver, signal, gzip, encoding);
        await WriteAsync(context, receiver, signal, encoding, answer);
    }

    private static async ValueTask<OtlpAnswer> ReceiveAsync(
        HttpContext context, OtlpReceiver receiver, IOtlpSignal signal, bool gzip, OtlpEncoding encoding)
    {
        try
        {
            return await receiver.ReceiveAsync(signal, context.Request.Body, gzip, encoding, "http", context.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            // The server's own complaint about the body: cut off, bad chunks, or longer than its limit.
            var code = e.StatusCode == StatusCodes.Status413PayloadTooLarge ? RpcCode.ResourceExhausted : RpcCode.InvalidArgument;
            return new OtlpAnswer(code, Message: e.Message);
        }
    }

    private static OtlpEncoding? EncodingOf(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            return null;
        }

        return type.MediaType.Equals(Protobuf, StringComparison.OrdinalIgnoreCase) ? OtlpEncoding.Protobuf
            : type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase) ? OtlpEncoding.Json
            : null;
    }

    private static bool TryReadCompression(HttpRequest request, out bool gzip)
    {
        var encoding = request.Headers.ContentEncoding.ToString();
        gzip = encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase);
        return gzip || encoding.Length == 0 || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase);
    }

    private static Task WriteAsync(HttpContext context, OtlpReceiver receiver, IOtlpSignal signal, OtlpEncoding encoding, OtlpAnswer answer)
    {
        switch (answer.Code)
        {
            case RpcCode.Ok:
                return encoding == OtlpEncoding.Json
                    ? WriteBodyAsync(context, StatusCodes.Status200OK, Json, OtlpMessages.ResponseJson(answer, signal.RejectedKey))
                    : WriteBodyAsync(context, StatusCodes.Status200OK, Protobuf, OtlpMessages.Response(answer));
            case RpcCode.ResourceExhausted:
                return WriteErrorAsync(context, StatusCodes.Status413PayloadTooLarge, encoding, answer);
            case RpcCode.Unavailable:
                var seconds = Math.Max(1, (int)Math.Ceiling(receiver.Options.RetryAfter.TotalSeconds));
                context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
                return WriteErrorAsync(context, StatusCodes.Status503ServiceUnavailable, encoding, answer);
            default:
                return WriteErrorAsync(context, StatusCodes.Status400BadRequest, encoding, answer);
        }
    }

    private static Task WriteErrorAsync(HttpContext context, int status, OtlpEncoding encoding, OtlpAnswer answer) =>
        encoding == OtlpEncoding.Json
            ? WriteBodyAsync(context, status, Json, OtlpMessages.StatusJson(answer))
            : WriteBodyAsync(context, status, Protobuf, OtlpMessages.Status(answer));

    private static async Task WriteBodyAsync(HttpContext context, int status, string contentType, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
