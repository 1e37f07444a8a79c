using System.Diagnostics.Metrics;

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

    private static readonly Counter<long> Bytes =
        Meter.CreateCounter<long>("flyball_otlp_received_bytes_total", description: "Bytes of OTLP requests after decompression.");

    /// <summary>Counts an answered request.</summary>
    public static void CountRequest(string signal, string transport, RpcCode code) =>
        Requests.Add(1, new("signal", signal), new("transport", transport), new("code", code.ToString()));

    /// <summary>Counts the spans and bytes of a decoded request.</summary>
    public static void CountSpans(int accepted, int rejected, int bytes)
    {
        Accepted.Add(accepted);
        Bytes.Add(bytes);
        if (rejected > 0)
        {
            Rejected.Add(rejected);
        }
    }
}
