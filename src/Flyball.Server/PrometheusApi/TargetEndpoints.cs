using System.Text.Json;
using Flyball.Ingest.Scraping;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.PromQL;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.PrometheusApi;

/// <summary><c>/targets</c>, <c>/targets/metadata</c>, <c>/metadata</c>, <c>/scrape_pools</c>. Prometheus documentation, "HTTP API".</summary>
internal sealed class TargetEndpoints(ScrapeManager scrapes, Func<IReadOnlyCollection<MetricMetadata>> stored)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApiGet("/targets", TargetsAsync);
        routes.MapApiGet("/targets/metadata", TargetMetadataAsync);
        routes.MapApiGet("/metadata", MetadataAsync);
        routes.MapApiGet("/scrape_pools", (context, _) => ApiAnswer.SuccessAsync(context, json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("scrapePools"u8);
            ApiAnswer.WriteStrings(json, scrapes.Targets().Pools);
            json.WriteEndObject();
        }));
    }

    private Task TargetsAsync(HttpContext context, ApiRequest request)
    {
        var state = request.Text("state") ?? "any";
        var pool = request.Text("scrapePool");
        var targets = scrapes.Targets();
        return ApiAnswer.SuccessAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("activeTargets"u8);
            foreach (var target in targets.Active.Where(t => state is "any" or "active" && (pool is null || t.ScrapePool == pool)))
            {
                WriteTarget(json, target);
            }

            json.WriteEndArray();
            json.WriteStartArray("droppedTargets"u8);
            foreach (var target in targets.Dropped.Where(t => state is "any" or "dropped" && (pool is null || t.ScrapePool == pool)))
            {
                json.WriteStartObject();
                json.WritePropertyName("discoveredLabels"u8);
                ApiAnswer.WriteLabels(json, target.DiscoveredLabels);
                json.WriteString("scrapePool"u8, target.ScrapePool);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("droppedTargetCounts"u8);
            foreach (var (name, count) in targets.DroppedCounts)
            {
                json.WriteNumber(name, count);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    /// <summary>Writes a target as <c>/targets</c> lists it; also what the live stream sends.</summary>
    public static void WriteTarget(Utf8JsonWriter json, TargetStatus target)
    {
        json.WriteStartObject();
        json.WritePropertyName("discoveredLabels"u8);
        ApiAnswer.WriteLabels(json, target.DiscoveredLabels);
        json.WritePropertyName("labels"u8);
        ApiAnswer.WriteLabels(json, target.Labels);
        json.WriteString("scrapePool"u8, target.ScrapePool);
        json.WriteString("scrapeUrl"u8, target.ScrapeUrl.AbsoluteUri);
        json.WriteString("globalUrl"u8, target.ScrapeUrl.AbsoluteUri);
        json.WriteString("lastError"u8, target.LastError);
        json.WriteString("lastScrape"u8, target.LastScrape is { } at ? ApiAnswer.Rfc3339(TimestampMs.From(at)) : "0001-01-01T00:00:00Z");
        json.WriteNumber("lastScrapeDuration"u8, target.LastScrapeDuration.TotalSeconds);
        json.WriteString("health"u8, target.Health.ToString().ToLowerInvariant());
        json.WriteString("scrapeInterval"u8, DurationText.Format(target.ScrapeInterval));
        json.WriteString("scrapeTimeout"u8, DurationText.Format(target.ScrapeTimeout));
        json.WriteEndObject();
    }

    private Task TargetMetadataAsync(HttpContext context, ApiRequest request)
    {
        var limit = request.Limit();
        var metric = request.Text("metric");
        IReadOnlyList<Matcher> matchers;
        try
        {
            matchers = request.Text("match_target") is { } selector ? PromQLExpression.ParseSelector(selector) : [];
        }
        catch (PromQLSyntaxException e)
        {
            throw ApiRequest.Invalid("match_target", e.Message);
        }

        var found = scrapes.Metadata().Where(m => (metric is null || m.Metadata.Family == metric) && matchers.All(x => x.Matches(m.Target)));
        return ApiAnswer.SuccessAsync(context, json =>
        {
            json.WriteStartArray();
            foreach (var (target, metadata) in limit > 0 ? found.Take(limit) : found)
            {
                json.WriteStartObject();
                json.WritePropertyName("target"u8);
                ApiAnswer.WriteLabels(json, target);
                if (metric is null)
                {
                    json.WriteString("metric"u8, metadata.Family);
                }

                WriteMetadata(json, metadata);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private Task MetadataAsync(HttpContext context, ApiRequest request)
    {
        var limit = request.Limit();
        var perMetric = request.Limit("limit_per_metric");
        var metric = request.Text("metric");
        var families = stored().Concat(scrapes.Metadata().Select(m => m.Metadata))
            .Where(m => metric is null || m.Family == metric)
            .Distinct()
            .GroupBy(m => m.Family)
            .OrderBy(g => g.Key, StringComparer.Ordinal);
        return ApiAnswer.SuccessAsync(context, json =>
        {
            json.WriteStartObject();
            foreach (var family in limit > 0 ? families.Take(limit) : families)
            {
                json.WriteStartArray(family.Key);
                foreach (var metadata in perMetric > 0 ? family.Take(perMetric) : family)
                {
                    json.WriteStartObject();
                    WriteMetadata(json, metadata);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        });
    }

    private static void WriteMetadata(Utf8JsonWriter json, MetricMetadata metadata)
    {
        json.WriteString("type"u8, metadata.Type.ToString().ToLowerInvariant());
        json.WriteString("help"u8, metadata.Help);
        json.WriteString("unit"u8, metadata.Unit);
    }
}
