using System.Text.Json;
using Flyball.Model.Time;
using Flyball.Server.Configuration;
using Flyball.Server.SelfMetrics;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.PrometheusApi;

/// <summary><c>/status/*</c>. Shared facts D23.</summary>
/// <remarks>The version says which Prometheus the API is compatible with, because Grafana chooses features by it; what runs
/// here stands beside it.</remarks>
internal sealed class StatusEndpoints(ConfigState config, ServerOptions options, TimestampMs startedAt)
{
    private const string CompatibleVersion = "3.14.0";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApiGet("/status/buildinfo", (context, _) => ApiAnswer.SuccessAsync(context, WriteBuild));
        routes.MapApiGet("/status/runtimeinfo", (context, _) => ApiAnswer.SuccessAsync(context, WriteRuntime));
        routes.MapApiGet("/status/config", (context, _) => ApiAnswer.SuccessAsync(context, WriteConfig));
        // Alerts are routed here; there is no Alertmanager to discover.
        routes.MapApiGet("/alertmanagers", (context, _) => ApiAnswer.SuccessAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("activeAlertmanagers"u8);
            json.WriteEndArray();
            json.WriteStartArray("droppedAlertmanagers"u8);
            json.WriteEndArray();
            json.WriteEndObject();
        }));
        routes.MapApiGet("/status/flags", (context, _) => ApiAnswer.SuccessAsync(context, WriteFlags));
    }

    private static void WriteBuild(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("version"u8, CompatibleVersion);
        json.WriteString("revision"u8, "flyball-" + ProcessMetrics.ProductVersion);
        json.WriteString("branch"u8, "flyball");
        json.WriteString("buildUser"u8, "");
        json.WriteString("buildDate"u8, "");
        json.WriteString("goVersion"u8, ".NET " + Environment.Version);
        json.WriteEndObject();
    }

    private void WriteRuntime(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("startTime"u8, ApiAnswer.Rfc3339(startedAt));
        json.WriteString("CWD"u8, Environment.CurrentDirectory);
        json.WriteString("hostname"u8, Environment.MachineName);
        json.WriteString("serverTime"u8, ApiAnswer.Rfc3339(TimestampMs.Now(options.Time)));
        json.WriteBoolean("reloadConfigSuccess"u8, config.Error.Length == 0);
        json.WriteString("lastConfigTime"u8, ApiAnswer.Rfc3339(config.LoadedAt));
        json.WriteNumber("corruptionCount"u8, 0);
        json.WriteNumber("goroutineCount"u8, ThreadPool.ThreadCount);
        json.WriteNumber("GOMAXPROCS"u8, Environment.ProcessorCount);
        json.WriteNumber("GOMEMLIMIT"u8, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        json.WriteString("GOGC"u8, "");
        json.WriteString("GODEBUG"u8, "");
        json.WriteString("storageRetention"u8, DurationText.Format(config.Current.Storage.MetricsKeepFor));
        json.WriteEndObject();
    }

    private void WriteConfig(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("yaml"u8, SecretMask.Mask(config.Current.Text));
        json.WriteEndObject();
    }

    private void WriteFlags(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("config.file"u8, options.ConfigFile ?? "");
        json.WriteString("storage.tsdb.path"u8, options.DataDirectory);
        json.WriteString("web.listen-address"u8, (options.Listen ?? config.Current.Listen.Http).ToString());
        json.WriteString("web.enable-lifecycle"u8, "true");
        json.WriteEndObject();
    }
}
