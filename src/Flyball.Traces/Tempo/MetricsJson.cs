using System.Text.Json;
using Flyball.Traces.TraceQL.Metrics;

namespace Flyball.Traces.Tempo;

/// <summary>Writes the series of a metrics query in Tempo's shape (Tempo documentation, "HTTP API").</summary>
internal static class MetricsJson
{
    public static void Write(Utf8JsonWriter json, List<MetricSeries> series, TimeSlots slots, int maxSeries, bool isInstant)
    {
        var isPartial = maxSeries > 0 && series.Count > maxSeries;
        json.WriteStartObject();
        json.WriteStartArray("series"u8);
        foreach (var one in isPartial ? series.Take(maxSeries) : series)
        {
            if (!Array.TrueForAll(one.Values, double.IsNaN))
            {
                Write(json, one, slots, isInstant);
            }
        }

        json.WriteEndArray();
        json.WriteStartObject("metrics"u8);
        json.WriteEndObject();
        if (isPartial)
        {
            json.WriteString("status"u8, "PARTIAL");
            json.WriteString("message"u8, $"{series.Count} series were found, the first {maxSeries} are returned");
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, MetricSeries series, TimeSlots slots, bool isInstant)
    {
        json.WriteStartObject();
        WriteLabels(json, series.Labels);
        if (isInstant)
        {
            json.WriteNumber("value"u8, series.Values[0]);
        }
        else
        {
            WriteSamples(json, series, slots);
            WriteExemplars(json, series.Exemplars);
        }

        json.WriteEndObject();
    }

    private static void WriteExemplars(Utf8JsonWriter json, IReadOnlyList<MetricExemplar> exemplars)
    {
        if (exemplars.Count == 0)
        {
            return;
        }

        json.WriteStartArray("exemplars"u8);
        foreach (var exemplar in exemplars.OrderBy(e => e.StartNs))
        {
            json.WriteStartObject();
            WriteLabels(json, exemplar.Labels);
            if (double.IsNaN(exemplar.Value))
            {
                json.WriteString("value"u8, "NaN"u8);
            }
            else
            {
                json.WriteNumber("value"u8, exemplar.Value);
            }

            json.WriteString("timestampMs"u8, (exemplar.StartNs / 1_000_000).ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteLabels(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, TraceQL.Values.Value>> labels)
    {
        json.WriteStartArray("labels"u8);
        foreach (var (key, value) in labels)
        {
            json.WriteStartObject();
            json.WriteString("key"u8, key);
            json.WritePropertyName("value"u8);
            AnyValueJson.Write(json, value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteSamples(Utf8JsonWriter json, MetricSeries series, TimeSlots slots)
    {
        json.WriteStartArray("samples"u8);
        for (var slot = 0; slot < slots.Count; slot++)
        {
            if (double.IsFinite(series.Values[slot]))
            {
                json.WriteStartObject();
                json.WriteString("timestampMs"u8, slots.StampMs(slot).ToString());
                json.WriteNumber("value"u8, series.Values[slot]);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }
}
