using System.Buffers;
using Flyball.Model.Histograms;
using Flyball.Model.Wire;
using Microsoft.AspNetCore.Http;

namespace Flyball.Server.PrometheusApi;

/// <summary>Writes federated samples as delimited <c>io.prometheus.client.MetricFamily</c> messages: floats untyped, native histograms as
/// such, those of custom bounds as classic ones. Prometheus documentation, "Exposition formats".</summary>
/// <remarks>
/// <code>
/// MetricFamily  name 1, type 3, metric 4*            Metric     label 1* {name 1, value 2}, untyped 5 {value 1}, timestamp_ms 6, histogram 7
/// Histogram     sum 2, bucket 3* {bound 2, cumulative_count_float 4}, count_float 4, schema 5 (zigzag), zero_threshold 6, zero_count_float 8,
///               negative_span 9* {offset 1 (zigzag), length 2}, negative_count 11*, positive_span 12*, positive_count 14*
/// </code>
/// </remarks>
internal static class FederatedProtobuf
{
    /// <summary>The header <c>Content-Type</c> of what is written.</summary>
    public const string ContentType = MediaType + "; proto=" + Message + "; encoding=delimited";

    private const string MediaType = "application/vnd.google.protobuf";
    private const string Message = "io.prometheus.client.MetricFamily";
    private const ulong Untyped = 3, Histogram = 4, GaugeHistogram = 5;

    /// <summary>Whether the caller would rather have this than text.</summary>
    public static bool IsWanted(HttpRequest request)
    {
        var best = request.GetTypedHeaders().Accept.OrderByDescending(a => a.Quality ?? 1).FirstOrDefault();
        return best is not null && best.MediaType == MediaType
            && best.Parameters.Any(p => p.Name == "proto" && p.Value == Message) && best.Parameters.Any(p => p.Name == "encoding" && p.Value == "delimited");
    }

    /// <summary>All families; one of floats and histograms becomes two, since a family has one type.</summary>
    public static ReadOnlyMemory<byte> Write(List<(string Name, List<FederatedSample> Samples)> families)
    {
        var body = new ArrayBufferWriter<byte>(4096);
        var message = new WireWriter();
        foreach (var (name, samples) in families)
        {
            foreach (var kind in samples.GroupBy(TypeOf))
            {
                message.Clear();
                message.Text(1, name);
                message.VarintAlways(3, kind.Key);
                foreach (var sample in kind)
                {
                    WriteMetric(message, sample);
                }

                AppendDelimited(body, message.Written);
            }
        }

        return body.WrittenMemory;
    }

    private static ulong TypeOf(FederatedSample sample) => sample.Histogram switch
    {
        null => Untyped,
        { ResetHint: CounterResetHint.Gauge } => GaugeHistogram,
        _ => Histogram,
    };

    private static void WriteMetric(WireWriter message, FederatedSample sample)
    {
        var metric = message.Begin(4);
        foreach (var (name, value) in sample.Labels)
        {
            var label = message.Begin(1);
            message.Text(1, name);
            message.Text(2, value);
            message.End(label);
        }

        if (sample.Histogram is null)
        {
            var untyped = message.Begin(5);
            message.DoubleAlways(1, sample.Value);
            message.End(untyped);
        }

        message.VarintAlways(6, (ulong)sample.AtMs);
        if (sample.Histogram is { } histogram)
        {
            var begun = message.Begin(7);
            WriteHistogram(message, histogram);
            message.End(begun);
        }

        message.End(metric);
    }

    private static void WriteHistogram(WireWriter message, NativeHistogram histogram)
    {
        message.DoubleAlways(2, histogram.Sum);
        if (HistogramBuckets.IsCustom(histogram))
        {
            WriteClassic(message, histogram);
            return;
        }

        message.DoubleAlways(4, histogram.Count);
        message.VarintAlways(5, ZigZag(histogram.Schema));
        message.DoubleAlways(6, histogram.ZeroThreshold);
        message.DoubleAlways(8, histogram.ZeroCount);
        WriteBuckets(message, (9, 11), histogram.NegativeSpans, histogram.NegativeBuckets);
        WriteBuckets(message, (12, 14), histogram.PositiveSpans, histogram.PositiveBuckets);
    }

    private static void WriteClassic(WireWriter message, NativeHistogram histogram)
    {
        var counts = new double[histogram.CustomBounds.Length + 1];
        foreach (var (index, count) in HistogramBuckets.Walk(histogram.PositiveSpans, histogram.PositiveBuckets))
        {
            counts[Math.Clamp(index, 0, counts.Length - 1)] += count;
        }

        double sum = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            sum += counts[i];
            var bucket = message.Begin(3);
            message.DoubleAlways(2, i < histogram.CustomBounds.Length ? histogram.CustomBounds[i] : double.PositiveInfinity);
            message.DoubleAlways(4, sum);
            message.End(bucket);
        }

        message.DoubleAlways(4, histogram.Count);
    }

    private static void WriteBuckets(WireWriter message, (int Span, int Count) fields, BucketSpan[] spans, double[] counts)
    {
        foreach (var span in spans)
        {
            var begun = message.Begin(fields.Span);
            message.VarintAlways(1, ZigZag(span.Offset));
            message.VarintAlways(2, span.Length);
            message.End(begun);
        }

        foreach (var count in counts)
        {
            message.DoubleAlways(fields.Count, count);
        }
    }

    private static ulong ZigZag(int value) => (uint)((value << 1) ^ (value >> 31));

    private static void AppendDelimited(ArrayBufferWriter<byte> body, ReadOnlySpan<byte> message)
    {
        var length = (uint)message.Length;
        while (length >= 0x80)
        {
            body.GetSpan(1)[0] = (byte)(length | 0x80);
            body.Advance(1);
            length >>= 7;
        }

        body.GetSpan(1)[0] = (byte)length;
        body.Advance(1);
        body.Write(message);
    }
}
