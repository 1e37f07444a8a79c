using Flyball.Ingest.Otlp.Traces;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Otlp.Metrics;

/// <summary>The metrics signal: from bytes to the sample sink.</summary>
/// <param name="deltas">Adds up what flyball-step counts; null where it does not send.</param>
internal sealed class MetricsSignal(ISampleSink sink, DeltaTotals? deltas = null) : IOtlpSignal
{
    /// <inheritdoc />
    public string Name => "metrics";

    /// <inheritdoc />
    public string RejectedKey => "rejectedDataPoints";

    /// <inheritdoc />
    public async ValueTask<OtlpAnswer> ExportAsync(ReadOnlyMemory<byte> body, OtlpEncoding encoding, CancellationToken cancellationToken)
    {
        var batch = new SampleBatch();
        var rejected = new RejectedSpans();
        var decoder = new OtlpMetricsDecoder(batch, rejected, deltas);
        decoder.Read(encoding == OtlpEncoding.Json ? MetricsJson.ToProtobuf(body.Span) : body.Span);
        if (batch.SampleCount == 0)
        {
            return Answer(rejected, []);
        }

        var report = await sink.AppendAsync(batch, AppendMode.StoreWhatFits, cancellationToken);
        return Answer(rejected, report.Rejected);
    }

    private static OtlpAnswer Answer(RejectedSpans rejected, IReadOnlyList<RejectedSample> refused)
    {
        var count = rejected.Count + refused.Count;
        if (count == 0)
        {
            return OtlpAnswer.Success;
        }

        OtlpMetrics.CountRefusedPoints(rejected, refused);
        var reason = rejected.FirstReason ?? $"{refused[0].Outcome}{(refused[0].Detail is { } detail ? ": " + detail : "")}";
        return new OtlpAnswer(RpcCode.Ok, count, reason);
    }
}
