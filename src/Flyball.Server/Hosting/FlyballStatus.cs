using System.Text.Json;
using Flyball.Server.PrometheusApi;
using Flyball.Server.SelfMetrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.Hosting;

/// <summary><c>GET /api/flyball/status</c>; shape in docs/api.md.</summary>
internal static class FlyballStatus
{
    public static void MapFlyballStatus(this IEndpointRouteBuilder routes, WebParts parts, Func<string> address)
    {
        var startedAt = ApiAnswer.Rfc3339(Model.Time.TimestampMs.Now(parts.Options.Time));
        routes.MapGet("/api/flyball/status", async context =>
        {
            context.Response.ContentType = "application/json";
            await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
            Write(json, parts, startedAt, address());
        });
    }

    private static void Write(Utf8JsonWriter json, WebParts parts, string startedAt, string address)
    {
        var metrics = parts.Rooms.Metrics.Statistics;
        var traces = parts.Rooms.Traces.Stats;
        json.WriteStartObject();
        json.WriteString("version"u8, ProcessMetrics.ProductVersion);
        json.WriteString("startedAt"u8, startedAt);
        json.WriteString("dataDir"u8, parts.Options.DataDirectory);
        json.WriteBoolean("ready"u8, parts.Readiness.IsReady);
        json.WriteStartObject("config"u8);
        json.WriteString("path"u8, parts.Options.ConfigFile ?? "");
        json.WriteString("loadedAt"u8, ApiAnswer.Rfc3339(parts.Config.LoadedAt));
        json.WriteBoolean("ok"u8, parts.Config.Error.Length == 0);
        json.WriteString("error"u8, parts.Config.Error);
        json.WriteEndObject();
        json.WriteStartObject("store"u8);
        json.WriteNumber("series"u8, metrics.HeadSeries);
        json.WriteNumber("samples"u8, metrics.HeadSamples + metrics.BlockSamples);
        json.WriteNumber("bytes"u8, metrics.BlockBytes);
        json.WriteEndObject();
        json.WriteStartObject("traces"u8);
        json.WriteNumber("spans"u8, traces.Spans);
        json.WriteNumber("bytes"u8, traces.Bytes);
        json.WriteEndObject();
        json.WriteStartObject("journal"u8);
        json.WriteNumber("head"u8, parts.Rooms.Journal.Head);
        json.WriteEndObject();
        json.WriteStartArray("listen"u8);
        json.WriteStringValue(address);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
