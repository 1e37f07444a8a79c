using System.Globalization;
using System.Text.Json;
using Flyball.Ingest.Exposition;
using Flyball.Ingest.Push;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Microsoft.AspNetCore.Http;

namespace Flyball.Ingest.Api;

/// <summary>Writes all that was pushed as <c>GET /api/v1/metrics</c> answers it. The README of Prometheus' Pushgateway, "Query API".</summary>
internal static class PushJson
{
    public static async Task WriteAsync(HttpContext context, IReadOnlyList<PushedGroup> groups)
    {
        context.Response.ContentType = "application/json";
        using var body = new MemoryStream();
        await using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("status", "success");
            json.WriteStartArray("data");
            foreach (var group in groups)
            {
                Write(json, group);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        body.Position = 0;
        await body.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, PushedGroup group)
    {
        json.WriteStartObject();
        WriteLabels(json, group.Key, instanceToo: false);
        json.WriteBoolean("last_push_successful", group.PushedAt > group.FailedAt);
        foreach (var family in PushStore.About(group).Concat(group.Families))
        {
            Write(json, family);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, PushedFamily family)
    {
        json.WriteStartObject(family.Name);
        json.WriteString("time_stamp", Time(family.PushedAt));
        json.WriteString("type", (family.Type ?? MetricType.Unknown) switch
        {
            MetricType.Unknown => "UNTYPED",
            var type => type.ToString().ToUpperInvariant(),
        });
        if (family.Help is { } help)
        {
            json.WriteString("help", help);
        }

        json.WriteStartArray("metrics");
        if (family.Type is MetricType.Histogram or MetricType.Summary)
        {
            WriteParts(json, family);
        }
        else
        {
            WriteValues(json, family.Samples);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteValues(Utf8JsonWriter json, List<PushedSample> samples)
    {
        foreach (var sample in samples)
        {
            json.WriteStartObject();
            WriteLabels(json, sample.Series, instanceToo: true);
            json.WriteString("value", ExpositionTextWriter.FormatValue(sample.Value));
            json.WriteEndObject();
        }
    }

    // Buckets or quantiles, sum and count are samples of their own until here.
    private static void WriteParts(Utf8JsonWriter json, PushedFamily family)
    {
        var (key, list) = family.Type == MetricType.Histogram ? ("le", "buckets") : ("quantile", "quantiles");
        foreach (var metric in family.Samples.GroupBy(s => new LabelSetBuilder().Start(s.Series).Remove(key).Remove(LabelSet.MetricNameLabel).Build()))
        {
            json.WriteStartObject();
            WriteLabels(json, metric.Key, instanceToo: true);
            json.WriteStartObject(list);
            foreach (var part in metric.Where(s => s.Series[key].Length > 0))
            {
                json.WriteString(part.Series[key], ExpositionTextWriter.FormatValue(part.Value));
            }

            json.WriteEndObject();
            foreach (var (name, suffix) in (ReadOnlySpan<(string, string)>)[("count", "_count"), ("sum", "_sum")])
            {
                foreach (var part in metric.Where(s => s.Series.MetricName == family.Name + suffix))
                {
                    json.WriteString(name, ExpositionTextWriter.FormatValue(part.Value));
                }
            }

            json.WriteEndObject();
        }
    }

    private static void WriteLabels(Utf8JsonWriter json, LabelSet labels, bool instanceToo)
    {
        json.WriteStartObject("labels");
        foreach (var (name, value) in labels.AsPairs().Where(l => l.Key != LabelSet.MetricNameLabel))
        {
            json.WriteString(name, value);
        }

        // A metric without an instance says that it has none; the scraper then adds none of its own.
        if (instanceToo && labels["instance"].Length == 0)
        {
            json.WriteString("instance", "");
        }

        json.WriteEndObject();
    }

    private static string Time(double seconds) =>
        DateTimeOffset.UnixEpoch.AddMilliseconds(Math.Round(seconds * 1000)).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFK", CultureInfo.InvariantCulture);
}
