namespace Flyball.Model.Spans;

/// <summary>Where spans go: the span store, or anything that stands before it.</summary>
public interface ISpanSink
{
    /// <summary>Stores the spans of a batch.</summary>
    /// <param name="batch">Still owned by the caller; nothing of it is kept after the task has completed.</param>
    /// <returns>Completes when the accepted spans are in the write-ahead log.</returns>
    /// <exception cref="IOException">The log cannot be written: nothing was stored.</exception>
    /// <remarks>Safe from many threads.</remarks>
    ValueTask<SpanAppendReport> AppendAsync(SpanBatch batch, CancellationToken cancellationToken);
}

/// <summary>What a sink did with a batch.</summary>
/// <param name="Stored">Spans that are in now.</param>
/// <param name="Rejected">Spans refused.</param>
/// <param name="Reason">Why, in English, for OTLP's partial success; null when nothing was refused.</param>
public sealed record SpanAppendReport(int Stored, int Rejected = 0, string? Reason = null);

/// <summary>Where spans of one trace are read from.</summary>
public interface ISpanSource
{
    /// <summary>All spans of a trace, each once, in order of their start; null when none is known.</summary>
    ValueTask<SpanBatch?> ReadTraceAsync(TraceId traceId, CancellationToken cancellationToken);
}
