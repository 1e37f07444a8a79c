using Flyball.Ingest.Bodies;
using Flyball.Ingest.RemoteWrite;
using Flyball.Model.Samples;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Ingest.Api;

/// <summary>The remote-write receiver, versions 1.0 and 2.0. Prometheus remote-write specification.</summary>
public static class RemoteWriteEndpoints
{
    private const string Protobuf = "application/x-protobuf";
    private const string Version1 = "prometheus.WriteRequest", Version2 = "io.prometheus.write.v2.Request";

    /// <summary>Answers <c>POST /api/v1/write</c>: 204 when stored, 400 for samples that can never be stored, 5xx when the sender shall come back.</summary>
    /// <param name="sink">Where samples go. While it throws <see cref="IOException"/>, senders get 500.</param>
    /// <param name="options">Limits and versions; null for the defaults.</param>
    public static IEndpointRouteBuilder MapRemoteWrite(
        this IEndpointRouteBuilder endpoints, ISampleSink sink, TimeProvider time, RemoteWriteOptions? options = null)
    {
        options ??= new RemoteWriteOptions();
        var logger = endpoints.ServiceProvider.GetService<ILoggerFactory>()?.CreateLogger("Flyball.Ingest.RemoteWrite") ?? NullLogger.Instance;
        var receiver = new RemoteWriteReceiver(sink, time, options, logger);
        endpoints.MapPost("/api/v1/write", context => AnswerAsync(context, receiver, options));
        return endpoints;
    }

    private static async Task AnswerAsync(HttpContext context, RemoteWriteReceiver receiver, RemoteWriteOptions options)
    {
        var refusal = Negotiate(context.Request, options, out var version2);
        var answer = refusal is null
            ? await ReceiveAsync(context, receiver, options, version2)
            : new RemoteWriteAnswer(StatusCodes.Status415UnsupportedMediaType, refusal);
        RemoteWriteMetrics.Requests.Add(1, new("version", version2 ? "2.0" : "1.0"), new("code", answer.Status.ToString()));
        context.Response.StatusCode = answer.Status;
        if (version2)
        {
            context.Response.Headers["X-Prometheus-Remote-Write-Samples-Written"] = answer.Samples.ToString();
            context.Response.Headers["X-Prometheus-Remote-Write-Histograms-Written"] = answer.Histograms.ToString();
            context.Response.Headers["X-Prometheus-Remote-Write-Exemplars-Written"] = answer.Exemplars.ToString();
        }

        if (answer.Text.Length > 0)
        {
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(answer.Text + "\n", context.RequestAborted);
        }
    }

    private static async ValueTask<RemoteWriteAnswer> ReceiveAsync(
        HttpContext context, RemoteWriteReceiver receiver, RemoteWriteOptions options, bool version2)
    {
        ServerBodyLimit.Lift(context);

        using var body = new BodyBuffer();
        try
        {
            await body.FillAsync(context.Request.Body, options.MaxRequestBytes, context.RequestAborted);
        }
        catch (BodyTooLargeException e)
        {
            return new RemoteWriteAnswer(StatusCodes.Status413PayloadTooLarge, e.Message);
        }
        catch (BadHttpRequestException e)
        {
            return new RemoteWriteAnswer(e.StatusCode, e.Message);
        }

        return await receiver.ReceiveAsync(body.Memory, version2, context.RequestAborted);
    }

    // Null: acceptable.
    private static string? Negotiate(HttpRequest request, RemoteWriteOptions options, out bool version2)
    {
        version2 = false;
        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("snappy", StringComparison.OrdinalIgnoreCase))
        {
            return $"\"{encoding}\" encoding (compression) is not accepted by this server; only snappy is acceptable";
        }

        var parts = (request.ContentType ?? Protobuf).Split(';', StringSplitOptions.TrimEntries);
        var message = Version1;
        foreach (var part in parts.Skip(1))
        {
            message = part.StartsWith("proto=", StringComparison.OrdinalIgnoreCase) ? part["proto=".Length..].Trim('"') : message;
        }

        if (!parts[0].Equals(Protobuf, StringComparison.OrdinalIgnoreCase))
        {
            return $"expected \"{Protobuf}\" as the first (media) part, got \"{request.ContentType}\" content-type";
        }

        version2 = message == Version2;
        var accepted = new[] { options.AcceptVersion1 ? Version1 : "", options.AcceptVersion2 ? Version2 : "" }.Where(m => m.Length > 0).ToList();
        return accepted.Contains(message)
            ? null
            : $"{message} protobuf message is not accepted by this server; only accepts {string.Join(", ", accepted)}";
    }
}
