using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Pipelines.Step;
using Flyball.Traces.SpanMetrics;

namespace Flyball.Server.Wiring;

/// <summary>Stands before the span store: spans that tell of CI runs also become facts of the run tracker, all are counted in span metrics.</summary>
/// <remarks>The sender is answered when both are durable. If the facts cannot be kept it is told to send again, which changes nothing
/// in the span store, where a span is itself however often it comes.</remarks>
internal sealed class ArrivingSpans(ISpanSink store, SpanRunObserver runs, SpanMetricsGenerator metrics, TimeProvider time) : ISpanSink
{
    public async ValueTask<SpanAppendReport> AppendAsync(SpanBatch batch, CancellationToken cancellationToken)
    {
        var at = TimestampNs.Now(time);
        var report = await store.AppendAsync(batch, cancellationToken);
        // Also when nothing was new: the sender may repeat itself because the facts could not be kept the first time.
        await runs.ObserveAsync(batch, at, cancellationToken);
        metrics.Observe(batch);
        return report;
    }
}
