using System.Text.Json;
using Flyball.Server.PrometheusApi;
using Microsoft.AspNetCore.Http;

namespace Flyball.Server.Hosting;

/// <summary>What a server says that is not ready yet: alive, not ready and why; everything else may come back.</summary>
/// <remarks>The status is one that every client of every protocol here tries again on: 503 (gRPC reads it as UNAVAILABLE).</remarks>
internal static class StartingAnswers
{
    private const string RetryAfterSeconds = "1";

    /// <summary>Answers one request.</summary>
    public static Task AnswerAsync(HttpContext context, Readiness readiness)
    {
        var path = context.Request.Path;
        if (path == "/-/healthy")
        {
            return context.Response.WriteAsync(LifecycleEndpoints.Healthy, context.RequestAborted);
        }

        if (path == "/api/v1/status/walreplay")
        {
            return ApiAnswer.SuccessAsync(context, json => WriteReplay(json, readiness));
        }

        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        if (path.StartsWithSegments("/api/v1", StringComparison.Ordinal))
        {
            return ApiAnswer.ErrorAsync(context, ApiException.Unavailable(readiness.Stage));
        }

        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return path == "/-/ready"
            ? context.Response.WriteAsync(LifecycleEndpoints.NotReady(readiness), context.RequestAborted)
            : context.Response.WriteAsJsonAsync(new { error = $"not ready yet: {readiness.Stage}" }, context.RequestAborted);
    }

    /// <summary><c>/status/walreplay</c>. Prometheus documentation, "HTTP API".</summary>
    public static void WriteReplay(Utf8JsonWriter json, Readiness readiness)
    {
        var replay = readiness.Replay;
        json.WriteStartObject();
        json.WriteNumber("min"u8, replay?.FirstSegment ?? 0);
        json.WriteNumber("max"u8, replay?.LastSegment ?? 0);
        json.WriteNumber("current"u8, replay?.Segment ?? 0);
        json.WriteString("state"u8, replay is null ? "waiting" : readiness.IsReplayed ? "done" : "in progress");
        json.WriteEndObject();
    }
}
