using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Wire;

namespace Flyball.Server.PrometheusApi.RemoteRead;

/// <summary>Writes <c>prometheus.ReadResponse</c>: every sample for itself. Prometheus remote-read specification.</summary>
/// <remarks>
/// <code>
/// ReadResponse { repeated QueryResult results = 1; }    QueryResult { repeated TimeSeries timeseries = 1; }
/// TimeSeries   { repeated Label labels = 1; repeated Sample samples = 2; repeated Histogram histograms = 4; }
/// </code>
/// </remarks>
internal static class SamplesAnswer
{
    public static void WriteSeries(WireWriter to, LabelSet labels, SampleColumns samples)
    {
        var series = to.Begin(1);
        WriteLabels(to, labels);
        for (var i = 0; i < samples.Count; i++)
        {
            if (samples.HasHistograms && samples.Histograms[i] is { } histogram)
            {
                WriteHistogram(to, samples.TimestampsMs[i], histogram);
                continue;
            }

            var sample = to.Begin(2);
            to.Fixed64(1, BitConverter.DoubleToUInt64Bits(samples.Values[i]));
            to.Varint(2, (ulong)samples.TimestampsMs[i]);
            to.End(sample);
        }

        to.End(series);
    }

    /// <summary>Writes labels as field 1 of a series, names in order.</summary>
    public static void WriteLabels(WireWriter to, LabelSet labels)
    {
        foreach (var label in labels)
        {
            var begun = to.Begin(1);
            to.Bytes(1, label.Name);
            to.Bytes(2, label.Value);
            to.End(begun);
        }
    }

    private static void WriteHistogram(WireWriter to, long timestampMs, NativeHistogram histogram)
    {
        var message = to.Begin(4);
        if (histogram.HasIntegerCounts)
        {
            to.VarintAlways(1, (ulong)histogram.Count);
        }
        else
        {
            to.DoubleAlways(2, histogram.Count);
        }

        to.Fixed64(3, BitConverter.DoubleToUInt64Bits(histogram.Sum));
        to.Varint(4, ZigZag(histogram.Schema));
        to.Fixed64(5, BitConverter.DoubleToUInt64Bits(histogram.ZeroThreshold));
        if (histogram.HasIntegerCounts)
        {
            to.VarintAlways(6, (ulong)histogram.ZeroCount);
        }
        else
        {
            to.DoubleAlways(7, histogram.ZeroCount);
        }

        WriteBuckets(to, histogram.NegativeSpans, histogram.NegativeBuckets, histogram.HasIntegerCounts, spans: 8, deltas: 9, counts: 10);
        WriteBuckets(to, histogram.PositiveSpans, histogram.PositiveBuckets, histogram.HasIntegerCounts, spans: 11, deltas: 12, counts: 13);
        to.Varint(14, (ulong)histogram.ResetHint);
        to.Varint(15, (ulong)timestampMs);
        PackDoubles(to, 16, histogram.CustomBounds);
        to.End(message);
    }

    private static void WriteBuckets(WireWriter to, BucketSpan[] runs, double[] buckets, bool asIntegers, int spans, int deltas, int counts)
    {
        foreach (var run in runs)
        {
            var span = to.Begin(spans);
            to.Varint(1, ZigZag(run.Offset));
            to.Varint(2, run.Length);
            to.End(span);
        }

        if (!asIntegers)
        {
            PackDoubles(to, counts, buckets);
            return;
        }

        // Repeated fields need not be packed: receivers must take both forms, and this one needs no length beforehand.
        long before = 0;
        foreach (var bucket in buckets)
        {
            to.VarintAlways(deltas, ZigZag((long)bucket - before));
            before = (long)bucket;
        }
    }

    private static void PackDoubles(WireWriter to, int field, double[] values)
    {
        foreach (var value in values)
        {
            to.DoubleAlways(field, value);
        }
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));
}
