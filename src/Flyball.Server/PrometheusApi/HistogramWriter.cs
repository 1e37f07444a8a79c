using Flyball.Model.Histograms;

namespace Flyball.Server.PrometheusApi;

/// <summary>Writes native histograms: <c>{count, sum, buckets: [[rule, lower, upper, count]]}</c>. Shared facts D13.</summary>
internal static class HistogramWriter
{
    private const int OpenLeft = 0, OpenRight = 1, ClosedBoth = 3;

    public static void WritePoint(AnswerWriter json, long timestampMs, NativeHistogram histogram)
    {
        json.Raw("["u8);
        json.Time(timestampMs);
        json.Raw(",{\"count\":"u8);
        json.Number(histogram.Count);
        json.Raw(",\"sum\":"u8);
        json.Number(histogram.Sum);
        WriteBuckets(json, histogram);
        json.Raw("}]"u8);
    }

    private static void WriteBuckets(AnswerWriter json, NativeHistogram histogram)
    {
        var started = false;
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
            json.Raw("]"u8);
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

    private static void WriteBucket(AnswerWriter json, ref bool started, int rule, double lower, double upper, double count)
    {
        if (count == 0)
        {
            return;
        }

        json.Raw(started ? ",["u8 : ",\"buckets\":[["u8);
        started = true;
        json.Raw([(byte)('0' + rule), (byte)',']);
        json.Number(lower);
        json.Raw(","u8);
        json.Number(upper);
        json.Raw(","u8);
        json.Number(count);
        json.Raw("]"u8);
    }
}
