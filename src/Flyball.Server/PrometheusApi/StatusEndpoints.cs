using System.Text.Json;
using Flyball.Model.Time;
using Flyball.Server.Configuration;
using Flyball.Server.SelfMetrics;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.PrometheusApi;

/// <summary><c>/status/*</c>. Prometheus documentation, "HTTP API".</summary>
/// <remarks>The version says which Prometheus the API is compatible with, because Grafana chooses features by it; what runs
/// here stands beside it.</remarks>
internal sealed class StatusEndpoints(ConfigState config, ServerOptions options, FeatureFlags features, TimestampMs startedAt)
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
        routes.MapApiGet("/features", (context, _) => ApiAnswer.SuccessAsync(context, WriteFeatures));
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
        json.WriteString("storageRetention"u8, DurationText.Format(config.Current.Storage.WithFlags(options.RetentionTime, options.RetentionBytes).MetricsKeepFor));
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
        var main = options.Listen ?? config.Current.Listen.Http;
        var known = new Dictionary<string, string>(options.GivenFlags, StringComparer.Ordinal)
        {
            ["config.file"] = options.ConfigFile ?? "",
            ["storage.tsdb.path"] = options.DataDirectory,
            ["web.listen-address"] = $"{main.Address}:{main.Port}",
            ["web.enable-admin-api"] = options.EnableAdminApi ? "true" : "false",
            ["web.cors.origin"] = options.CorsOrigin,
            ["enable-feature"] = string.Join(',', options.EnableFeatures),
        };
        json.WriteStartObject();
        foreach (var flag in PrometheusFlags.All)
        {
            json.WriteString(flag.Name, known.GetValueOrDefault(flag.Name) ?? flag.Default);
        }

        json.WriteEndObject();
    }

    // What clients may rely on: Grafana asks before it offers a function or a parameter.
    private void WriteFeatures(Utf8JsonWriter json)
    {
        var language = features.PromQL;
        json.WriteStartObject();
        WriteGroup(
            json,
            "api",
            ("admin", options.EnableAdminApi),
            ("exclude_alerts", true),
            ("label_values_match", true),
            ("lifecycle", options.EnableLifecycle),
            ("otlp_write_receiver", true),
            ("query_stats", true),
            ("query_warnings", true),
            ("remote_write_receiver", true),
            ("search", true),
            ("time_range_labels", true),
            ("time_range_series", true));
        WriteGroup(
            json,
            "promql",
            ("anchored", language.ExtendedRangeSelectors),
            ("at_modifier", true),
            ("delayed_name_removal", language.DelayedNameRemoval),
            ("duration_expr", true),
            ("experimental_functions", language.ExperimentalFunctions),
            ("fill", language.FillModifiers),
            ("negative_offset", true),
            ("smoothed", language.ExtendedRangeSelectors),
            ("type_and_unit_labels", language.TypeAndUnitLabels),
            ("use_start_timestamps", language.UseStartTimestamps));
        WriteGroup(json, "rules", ("concurrent_rule_eval", false), ("keep_firing_for", true), ("query_offset", true), ("reactive", true));
        WriteGroup(json, "tsdb", ("exemplars", true), ("native_histograms", true), ("out_of_order", true));
        json.WriteEndObject();
    }

    private static void WriteGroup(Utf8JsonWriter json, string name, params ReadOnlySpan<(string Name, bool On)> features)
    {
        json.WriteStartObject(name);
        foreach (var (feature, on) in features)
        {
            json.WriteBoolean(feature, on);
        }

        json.WriteEndObject();
    }
}
