using Flyball.Model.Histograms;

namespace Flyball.Server.PrometheusApi;

/// <summary>Writes native histograms: <c>{count, sum, buckets: [[rule, lower, upper, count]]}</c>. Prometheus documentation, "HTTP API".</summary>
internal static class HistogramWriter
{
    private const int OpenLeft = 0, OpenRight = 1, OpenBoth = 2, ClosedBoth = 3;

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
        foreach (var bucket in HistogramBuckets.All(histogram))
        {
            var rule = (bucket.LowerInclusive, bucket.UpperInclusive) switch
            {
                (false, true) => OpenLeft,
                (true, false) => OpenRight,
                (false, false) => OpenBoth,
                _ => ClosedBoth,
            };
            if (bucket.Count > 0 || rule != ClosedBoth || double.IsInfinity(bucket.Lower))
            {
                // A bucket around zero that a subtraction made negative is not shown by Prometheus either.
                WriteBucket(json, ref started, rule, bucket.Lower, bucket.Upper, bucket.Count);
            }
        }

        if (started)
        {
            json.Raw("]"u8);
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
