using System.Text.Json;
using Flyball.Model.Histograms;

namespace Flyball.Server.PrometheusApi;

/// <summary>Writes native histograms: <c>{count, sum, buckets: [[rule, lower, upper, count]]}</c>. Shared facts D13.</summary>
internal static class HistogramWriter
{
    private const int OpenLeft = 0, OpenRight = 1, ClosedBoth = 3;

    public static void WritePoint(Utf8JsonWriter json, long timestampMs, NativeHistogram histogram)
    {
        json.WriteStartArray();
        ApiAnswer.WriteTime(json, timestampMs);
        json.WriteStartObject();
        json.WritePropertyName("count"u8);
        ApiAnswer.WriteNumber(json, histogram.Count);
        json.WritePropertyName("sum"u8);
        ApiAnswer.WriteNumber(json, histogram.Sum);
        WriteBuckets(json, histogram);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteBuckets(Utf8JsonWriter json, NativeHistogram histogram)
    {
        var started = false;
        var negative = histogram.NegativeBuckets.Length;
        foreach (var (index, count) in Walk(histogram.NegativeSpans, histogram.NegativeBuckets).Reverse())
        {
            WriteBucket(json, ref started, OpenRight, -BucketBounds.Upper(histogram, index), -BucketBounds.Upper(histogram, index - 1), count);
        }

        if (histogram.ZeroCount > 0)
        {
            WriteBucket(json, ref started, ClosedBoth, -histogram.ZeroThreshold, histogram.ZeroThreshold, histogram.ZeroCount);
        }

        foreach (var (index, count) in Walk(histogram.PositiveSpans, histogram.PositiveBuckets))
        {
            WriteBucket(json, ref started, OpenLeft, BucketBounds.Upper(histogram, index - 1), BucketBounds.Upper(histogram, index), count);
        }

        if (started)
        {
            json.WriteEndArray();
        }
    }

    private static IEnumerable<(int Index, double Count)> Walk(BucketSpan[] spans, double[] buckets)
    {
        var at = 0;
        var index = 0;
        foreach (var span in spans)
        {
            index += span.Offset;
            for (var i = 0; i < span.Length && at < buckets.Length; i++)
            {
                yield return (index++, buckets[at++]);
            }
        }
    }

    private static void WriteBucket(Utf8JsonWriter json, ref bool started, int rule, double lower, double upper, double count)
    {
        if (count == 0)
        {
            return;
        }

        if (!started)
        {
            json.WriteStartArray("buckets"u8);
            started = true;
        }

        json.WriteStartArray();
        json.WriteNumberValue(rule);
        ApiAnswer.WriteNumber(json, lower);
        ApiAnswer.WriteNumber(json, upper);
        ApiAnswer.WriteNumber(json, count);
        json.WriteEndArray();
    }
}
