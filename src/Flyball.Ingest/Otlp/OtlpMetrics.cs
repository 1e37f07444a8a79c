using System.Diagnostics.Metrics;
using Flyball.Ingest.Otlp.Traces;
using Flyball.Model.Samples;
using Flyball.Model.Spans;

namespace Flyball.Ingest.Otlp;

/// <summary>What the receivers tell about themselves. Names are the exposed Prometheus names.</summary>
internal static class OtlpMetrics
{
    private static readonly Meter Meter = new("Flyball.Ingest.Otlp");

    private static readonly Counter<long> Requests =
        Meter.CreateCounter<long>("flyball_otlp_requests_total", description: "OTLP requests by signal, transport and outcome.");

    private static readonly Counter<long> Accepted =
        Meter.CreateCounter<long>("flyball_otlp_spans_accepted_total", description: "Spans stored for OTLP clients.");

    private static readonly Counter<long> Rejected =
        Meter.CreateCounter<long>("flyball_otlp_spans_rejected_total", description: "Spans refused one by one in OTLP requests.");

    private static readonly Counter<long> RejectedPoints =
        Meter.CreateCounter<long>("flyball_otlp_points_rejected_total", description: "Data points refused one by one in OTLP requests.");

    private static readonly Counter<long> Bytes =
        Meter.CreateCounter<long>("flyball_otlp_received_bytes_total", description: "Bytes of OTLP requests after decompression.");

    /// <summary>Counts an answered request.</summary>
    public static void CountRequest(string signal, string transport, RpcCode code) =>
        Requests.Add(1, new("signal", signal), new("transport", transport), new("code", code.ToString()));

    /// <summary>Counts the spans and bytes of a decoded request.</summary>
    public static void CountSpans(SpanAppendReport report, RejectedSpans rejected, int bytes)
    {
        Accepted.Add(report.Stored);
        Bytes.Add(bytes);
        Count(Rejected, rejected);
        if (report.Rejected > 0)
        {
            // The one thing a store refuses spans for.
            Rejected.Add(report.Rejected, Reason("time"));
        }
    }

    /// <summary>Counts the data points of a request that the decoder or the store refused.</summary>
    public static void CountRefusedPoints(RejectedSpans rejected, IReadOnlyList<RejectedSample> refused)
    {
        Count(RejectedPoints, rejected);
        foreach (var sample in refused)
        {
            RejectedPoints.Add(1, Reason(sample.Outcome.ToString()));
        }
    }

    private static void Count(Counter<long> counter, RejectedSpans rejected)
    {
        foreach (var (kind, count) in rejected.ByKind ?? [])
        {
            counter.Add(count, Reason(kind));
        }
    }

    private static KeyValuePair<string, object?> Reason(string word) => new("reason", word);
}
