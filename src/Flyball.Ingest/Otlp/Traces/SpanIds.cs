using Flyball.Model.Spans;

namespace Flyball.Ingest.Otlp.Traces;

/// <summary>Checks the ids of a span: what makes it valid or one of the rejected (OpenTelemetry protocol specification).</summary>
internal static class SpanIds
{
    /// <summary>Fills in the ids of a span.</summary>
    /// <param name="rejected">Told why not.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> traceId, ReadOnlySpan<byte> spanId, ReadOnlySpan<byte> parentId, ref SpanRow span, RejectedSpans rejected)
    {
        if (traceId.Length != TraceId.Size || TraceId.Read(traceId).IsZero)
        {
            rejected.Add(traceId.Length == TraceId.Size ? "trace_id is all zero" : $"trace_id has {traceId.Length} bytes instead of 16", "trace_id");
            return false;
        }

        if (spanId.Length != SpanId.Size || SpanId.Read(spanId).IsZero)
        {
            rejected.Add(spanId.Length == SpanId.Size ? "span_id is all zero" : $"span_id has {spanId.Length} bytes instead of 8", "span_id");
            return false;
        }

        if (parentId.Length is not (0 or SpanId.Size))
        {
            rejected.Add($"parent_span_id has {parentId.Length} bytes instead of 8", "parent_span_id");
            return false;
        }

        span.TraceId = TraceId.Read(traceId);
        span.SpanId = SpanId.Read(spanId);
        span.ParentId = parentId.IsEmpty ? default : SpanId.Read(parentId);
        return true;
    }
}
