using System.Text;
using Flyball.Ingest.Otlp;
using Flyball.Ingest.Otlp.Grpc;
using Flyball.Ingest.Otlp.Metrics;
using Flyball.Ingest.Otlp.Traces;
using Flyball.Model.Samples;
using Flyball.Model.Spans;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Ingest.Api;

/// <summary>OTLP over gRPC: unary calls answered directly on HTTP/2. Rules: OpenTelemetry protocol specification.</summary>
/// <remarks>
/// <code>
/// POST /{service}/Export     content-type: application/grpc[+proto], grpc-encoding: identity | gzip
/// body:      { 1 byte compressed flag, 4 bytes length (big-endian), message }     exactly one, the call is unary
/// trailers:  grpc-status, grpc-message (percent-encoded), grpc-status-details-bin (base64 google.rpc.Status)
/// </code>
/// </remarks>
public static class OtlpGrpcApi
{
    private const string TraceExport = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    private const string MetricsExport = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

    /// <summary>Answers TraceService/Export and, with a sink for samples, MetricsService/Export; every other service or method gets
    /// UNIMPLEMENTED. The listener must speak HTTP/2.</summary>
    /// <param name="spans">Where spans go. While it throws <see cref="IOException"/>, clients get UNAVAILABLE and a time to come back.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="samples">Where metrics go; null leaves them unimplemented.</param>
    public static IEndpointRouteBuilder MapOtlpGrpc(
        this IEndpointRouteBuilder endpoints, ISpanSink spans, OtlpOptions? options = null, ISampleSink? samples = null)
    {
        var receiver = new OtlpReceiver(options ?? new OtlpOptions(), OtlpHttpApi.LoggerOf(endpoints));
        var traces = new TraceSignal(spans);
        endpoints.MapPost(TraceExport, context => AnswerAsync(context, receiver, traces));
        if (samples is not null)
        {
            var metrics = new MetricsSignal(samples);
            endpoints.MapPost(MetricsExport, context => AnswerAsync(context, receiver, metrics));
        }

        // Every gRPC service has a package, so a dot: other two-part paths of the same application stay untouched.
        endpoints.MapPost("/{package}.{service}/{method}", AnswerUnknownAsync).WithOrder(int.MaxValue);
        return endpoints;
    }

    private static async Task AnswerAsync(HttpContext context, OtlpReceiver receiver, IOtlpSignal signal)
    {
        if (!TryBegin(context))
        {
            return;
        }

        ServerBodyLimit.Lift(context);

        var (gzipAllowed, refusal) = ReadEncoding(context.Request);
        var answer = refusal ?? await ReceiveAsync(context, receiver, signal, gzipAllowed);
        if (answer.Code == RpcCode.Ok)
        {
            await context.Response.Body.WriteAsync(GrpcFrame.Around(OtlpMessages.Response(answer)), context.RequestAborted);
        }

        WriteTrailers(context, answer, receiver.Options.RetryAfter);
    }

    private static async ValueTask<OtlpAnswer> ReceiveAsync(HttpContext context, OtlpReceiver receiver, IOtlpSignal signal, bool gzipAllowed)
    {
        try
        {
            var frame = await GrpcFrame.OpenAsync(context.Request.Body, receiver.Options.MaxRequestBytes, context.RequestAborted);
            if (frame.IsCompressed && !gzipAllowed)
            {
                return new OtlpAnswer(RpcCode.Internal, Message: "a compressed message came without grpc-encoding");
            }

            return await receiver.ReceiveAsync(
                signal, frame, frame.IsCompressed, OtlpEncoding.Protobuf, "grpc", context.RequestAborted);
        }
        catch (GrpcFrameException e)
        {
            return new OtlpAnswer(e.Code, Message: e.Message);
        }
        catch (BadHttpRequestException e)
        {
            return new OtlpAnswer(RpcCode.InvalidArgument, Message: e.Message);
        }
    }

    private static (bool GzipAllowed, OtlpAnswer? Refusal) ReadEncoding(HttpRequest request)
    {
        var encoding = request.Headers["grpc-encoding"].ToString();
        return encoding switch
        {
            "" or "identity" => (false, null),
            "gzip" => (true, null),
            _ => (false, new OtlpAnswer(RpcCode.Unimplemented, Message: $"grpc-encoding \"{encoding}\" is not known; send gzip or identity")),
        };
    }

    private static Task AnswerUnknownAsync(HttpContext context)
    {
        if (!IsGrpc(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (TryBegin(context))
        {
            var message = $"no service or method {context.Request.Path}";
            WriteTrailers(context, new OtlpAnswer(RpcCode.Unimplemented, Message: message), TimeSpan.Zero);
        }

        return Task.CompletedTask;
    }

    private static bool TryBegin(HttpContext context)
    {
        if (!IsGrpc(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return false;
        }

        if (!context.Response.SupportsTrailers())
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return false;
        }

        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-accept-encoding"] = "identity,gzip";
        return true;
    }

    private static bool IsGrpc(HttpRequest request) =>
        request.ContentType is { } type
        && (type.Equals("application/grpc", StringComparison.OrdinalIgnoreCase)
            || type.StartsWith("application/grpc+proto", StringComparison.OrdinalIgnoreCase)
            || type.StartsWith("application/grpc;", StringComparison.OrdinalIgnoreCase));

    private static void WriteTrailers(HttpContext context, OtlpAnswer answer, TimeSpan retryAfter)
    {
        context.Response.AppendTrailer("grpc-status", ((int)answer.Code).ToString());
        if (answer.Code == RpcCode.Ok)
        {
            return;
        }

        context.Response.AppendTrailer("grpc-message", PercentEncode(answer.ShortMessage));
        var details = OtlpMessages.Status(answer, answer.Code == RpcCode.Unavailable ? retryAfter : null);
        context.Response.AppendTrailer("grpc-status-details-bin", Convert.ToBase64String(details).TrimEnd('='));
    }

    // gRPC over HTTP/2, "Status-Message": printable ASCII except the percent sign stays as it is.
    private static string PercentEncode(string message)
    {
        var text = new StringBuilder(message.Length);
        foreach (var b in Encoding.UTF8.GetBytes(message))
        {
            _ = b is >= 0x20 and <= 0x7E and not (byte)'%' ? text.Append((char)b) : text.Append('%').Append(b.ToString("X2"));
        }

        return text.ToString();
    }
}
