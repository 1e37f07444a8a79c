using System.Collections.Concurrent;
using Flyball.Model.Spans;

namespace Flyball.Ingest.Otlp.Traces;

/// <summary>The traces signal: from bytes to the span sink.</summary>
internal sealed class TraceSignal(ISpanSink sink) : IOtlpSignal
{
    // Batches keep their tables between requests. Those that held a giant request are let go, so that one client with
    // huge batches does not pin its peak for ever.
    private const int LargestKeptBody = 1 << 20;
    private const int MostKeptBatches = 16;

    private readonly ConcurrentBag<SpanBatch> _idle = [];

    /// <inheritdoc />
    public string Name => "traces";

    /// <inheritdoc />
    public string RejectedKey => "rejectedSpans";

    /// <inheritdoc />
    public async ValueTask<OtlpAnswer> ExportAsync(ReadOnlyMemory<byte> body, OtlpEncoding encoding, CancellationToken cancellationToken)
    {
        var batch = _idle.TryTake(out var idle) ? idle : new SpanBatch();
        try
        {
            var rejected = new RejectedSpans();
            Decode(body.Span, encoding, batch, rejected);
            var report = batch.Count == 0 ? new SpanAppendReport(0) : await sink.AppendAsync(batch, cancellationToken);
            OtlpMetrics.CountSpans(report, rejected, body.Length);
            return Answer(rejected, report);
        }
        finally
        {
            if (body.Length <= LargestKeptBody && _idle.Count < MostKeptBatches)
            {
                batch.Clear();
                _idle.Add(batch);
            }
        }
    }

    private static void Decode(ReadOnlySpan<byte> body, OtlpEncoding encoding, SpanBatch batch, RejectedSpans rejected)
    {
        if (encoding == OtlpEncoding.Json)
        {
            OtlpJsonTraceDecoder.Decode(body, batch, rejected);
        }
        else
        {
            OtlpTraceDecoder.Decode(body, batch, rejected);
        }
    }

    private static OtlpAnswer Answer(RejectedSpans rejected, SpanAppendReport report)
    {
        var count = rejected.Count + report.Rejected;
        return count == 0
            ? report.Reason is null ? OtlpAnswer.Success : OtlpAnswer.Success with { Message = report.Reason }
            : new OtlpAnswer(RpcCode.Ok, count, rejected.FirstReason ?? report.Reason ?? "refused by the store");
    }
}
