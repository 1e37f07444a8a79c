using Flyball.Model.Spans;
using Flyball.Model.Wire;

namespace Flyball.Traces.Tempo;

/// <summary>Writes a trace as OTLP's TracesData message. Field numbers: OpenTelemetry protocol specification, "HTTP API".</summary>
internal static class TraceProtobuf
{
    public static void Write(WireWriter to, SpanBatch batch)
    {
        foreach (var (resource, scopes) in GroupedSpans.Of(batch))
        {
            var row = batch.Resources[resource];
            var resourceSpans = to.Begin(1);
            var begun = to.Begin(1);
            WriteAttributes(to, batch, row.Attributes, 1);
            to.Varint(2, row.DroppedAttributes);
            to.End(begun);
            foreach (var (scope, spans) in scopes)
            {
                WriteScope(to, batch, batch.Scopes[scope], spans);
            }

            to.Bytes(3, batch.Bytes(row.SchemaUrl));
            to.End(resourceSpans);
        }
    }

    private static void WriteScope(WireWriter to, SpanBatch batch, in ScopeRow row, int[] spans)
    {
        var scopeSpans = to.Begin(2);
        var scope = to.Begin(1);
        to.Bytes(1, batch.Bytes(row.Name));
        to.Bytes(2, batch.Bytes(row.Version));
        WriteAttributes(to, batch, row.Attributes, 3);
        to.Varint(4, row.DroppedAttributes);
        to.End(scope);
        foreach (var span in spans)
        {
            var begun = to.Begin(2);
            WriteSpan(to, batch, batch.Spans[span]);
            to.End(begun);
        }

        to.Bytes(3, batch.Bytes(row.SchemaUrl));
        to.End(scopeSpans);
    }

    /// <summary>Writes the fields of a span message.</summary>
    public static void WriteSpan(WireWriter to, SpanBatch batch, in SpanRow span)
    {
        WriteId(to, 1, span.TraceId);
        WriteId(to, 2, span.SpanId);
        to.Bytes(3, batch.Bytes(span.TraceState));
        if (!span.ParentId.IsZero)
        {
            WriteId(to, 4, span.ParentId);
        }

        to.Bytes(5, batch.Bytes(span.Name));
        to.Varint(6, (ulong)(long)span.Kind);
        to.Fixed64(7, span.Start.Value);
        to.Fixed64(8, span.End.Value);
        WriteAttributes(to, batch, span.Attributes, 9);
        to.Varint(10, span.DroppedAttributes);
        foreach (ref readonly var row in batch.Events.Slice(span.Events.Start, span.Events.Count))
        {
            var begun = to.Begin(11);
            to.Fixed64(1, row.Time.Value);
            to.Bytes(2, batch.Bytes(row.Name));
            WriteAttributes(to, batch, row.Attributes, 3);
            to.Varint(4, row.DroppedAttributes);
            to.End(begun);
        }

        to.Varint(12, span.DroppedEvents);
        foreach (ref readonly var row in batch.Links.Slice(span.Links.Start, span.Links.Count))
        {
            WriteLink(to, batch, row);
        }

        to.Varint(14, span.DroppedLinks);
        if (!span.StatusMessage.IsEmpty || span.Status != SpanStatus.Unset)
        {
            var status = to.Begin(15);
            to.Bytes(2, batch.Bytes(span.StatusMessage));
            to.Varint(3, (ulong)(long)span.Status);
            to.End(status);
        }

        to.Fixed32(16, span.Flags);
    }

    private static void WriteLink(WireWriter to, SpanBatch batch, in LinkRow row)
    {
        var begun = to.Begin(13);
        WriteId(to, 1, row.TraceId);
        WriteId(to, 2, row.SpanId);
        to.Bytes(3, batch.Bytes(row.TraceState));
        WriteAttributes(to, batch, row.Attributes, 4);
        to.Varint(5, row.DroppedAttributes);
        to.Fixed32(6, row.Flags);
        to.End(begun);
    }

    private static void WriteAttributes(WireWriter to, SpanBatch batch, RowRange range, int field)
    {
        foreach (ref readonly var row in batch.Attributes.Slice(range.Start, range.Count))
        {
            var keyValue = to.Begin(field);
            to.Bytes(1, batch.Bytes(row.Key));
            var any = to.Begin(2);
            WriteValue(to, row.Value, batch.Bytes(row.Value.Slice));
            to.End(any);
            to.End(keyValue);
        }
    }

    private static void WriteValue(WireWriter to, in AttributeValue value, ReadOnlySpan<byte> bytes)
    {
        switch (value.Kind)
        {
            case AttributeKind.Text:
                to.BytesAlways(1, bytes);
                break;
            case AttributeKind.Boolean:
                to.VarintAlways(2, value.Boolean ? 1u : 0u);
                break;
            case AttributeKind.Integer:
                to.VarintAlways(3, (ulong)value.Integer);
                break;
            case AttributeKind.Double:
                to.DoubleAlways(4, value.Double);
                break;
            case AttributeKind.Array:
                to.BytesAlways(5, bytes);
                break;
            case AttributeKind.Map:
                to.BytesAlways(6, bytes);
                break;
            case AttributeKind.Bytes:
                to.BytesAlways(7, bytes);
                break;
        }
    }

    private static void WriteId(WireWriter to, int field, TraceId id)
    {
        Span<byte> bytes = stackalloc byte[TraceId.Size];
        id.Write(bytes);
        to.Bytes(field, bytes);
    }

    private static void WriteId(WireWriter to, int field, SpanId id)
    {
        Span<byte> bytes = stackalloc byte[SpanId.Size];
        id.Write(bytes);
        to.Bytes(field, bytes);
    }
}
