using System.Text.Json;
using Flyball.Ingest.Relabelling;
using Flyball.Ingest.Scraping;
using Flyball.Model.Labels;
using Flyball.Server.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.PrometheusApi;

/// <summary><c>/targets/relabel_steps</c> and <c>/scrape_pools/config</c>: how a pool makes its targets. Prometheus documentation, "Configuration".</summary>
internal sealed class RelabelEndpoints(ConfigState config)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApiGet("/targets/relabel_steps", StepsAsync);
        routes.MapApiGet("/scrape_pools/config", ConfigAsync);
    }

    private Task StepsAsync(HttpContext context, ApiRequest request)
    {
        var pool = FindPool(request);
        var text = request.Text("labels") ?? throw ApiException.BadData("no labels parameter provided");
        var labels = ParseLabels(text);
        return ApiAnswer.SuccessAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("steps"u8);
            for (var i = 0; i < pool.RelabelConfigs.Count; i++)
            {
                var builder = new LabelSetBuilder().Start(labels);
                var keep = Relabeller.Apply([.. pool.RelabelConfigs.Take(i + 1)], builder);
                WriteStep(json, pool.RelabelConfigs[i], keep ? builder.Build() : LabelSet.Empty, keep);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private Task ConfigAsync(HttpContext context, ApiRequest request)
    {
        var pool = FindPool(request);
        return ApiAnswer.SuccessAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("yaml"u8, ScrapePoolYaml.Write(pool));
            json.WriteEndObject();
        });
    }

    private ScrapeConfig FindPool(ApiRequest request)
    {
        var name = request.Text("scrapePool") ?? throw ApiException.BadData("no scrapePool parameter provided");
        return config.Current.ScrapePools.FirstOrDefault(p => p.JobName == name)
            ?? throw ApiException.BadData($"error finding scrape config for scrape pool \"{name}\": the configuration has no such job_name");
    }

    private static LabelSet ParseLabels(string text)
    {
        try
        {
            var builder = new LabelSetBuilder();
            using var document = JsonDocument.Parse(text);
            foreach (var label in document.RootElement.EnumerateObject().Where(l => l.Name.Length > 0))
            {
                builder.Set(label.Name, label.Value.GetString() ?? "");
            }

            return builder.Build();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw ApiException.BadData($"error parsing labels: {e.Message}");
        }
    }

    private static void WriteStep(Utf8JsonWriter json, RelabelRule rule, LabelSet output, bool keep)
    {
        json.WriteStartObject();
        json.WriteStartObject("rule"u8);
        if (rule.SourceLabels.Count > 0)
        {
            json.WritePropertyName("source_labels"u8);
            ApiAnswer.WriteStrings(json, rule.SourceLabels);
        }

        json.WriteString("separator"u8, rule.Separator);
        json.WriteString("regex"u8, rule.Regex);
        if (rule.Modulus != 0)
        {
            json.WriteNumber("modulus"u8, rule.Modulus);
        }

        if (rule.TargetLabel.Length > 0)
        {
            json.WriteString("target_label"u8, rule.TargetLabel);
        }

        json.WriteString("replacement"u8, rule.Replacement);
        json.WriteString("action"u8, ScrapePoolYaml.WordOf(rule.Action));
        json.WriteEndObject();
        json.WritePropertyName("output"u8);
        ApiAnswer.WriteLabels(json, output);
        json.WriteBoolean("keep"u8, keep);
        json.WriteEndObject();
    }
}
