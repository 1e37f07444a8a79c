using System.Numerics;
using Flyball.Model.Spans;

namespace Flyball.Traces.SpanMetrics;

/// <summary>How many bytes a span takes as an OTLP protobuf message, without writing it. Field numbers: OpenTelemetry protocol specification.</summary>
internal static class SpanSize
{
    private const int Fixed64 = 9, Fixed32 = 5, TraceIdField = 18, SpanIdField = 10;

    public static int Of(SpanBatch batch, in SpanRow span)
    {
        var size = TraceIdField + SpanIdField + (span.ParentId.IsZero ? 0 : SpanIdField);
        size += Text(span.TraceState) + Text(span.Name) + Number((ulong)(long)span.Kind);
        size += (span.Start.Value == 0 ? 0 : Fixed64) + (span.End.Value == 0 ? 0 : Fixed64);
        size += Attributes(batch, span.Attributes);
        size += Number(span.DroppedAttributes) + Number(span.DroppedEvents) + Number(span.DroppedLinks);
        foreach (ref readonly var e in batch.Events.Slice(span.Events.Start, span.Events.Count))
        {
            size += Message((e.Time.Value == 0 ? 0 : Fixed64) + Text(e.Name) + Attributes(batch, e.Attributes) + Number(e.DroppedAttributes));
        }

        foreach (ref readonly var l in batch.Links.Slice(span.Links.Start, span.Links.Count))
        {
            size += Message(
                TraceIdField + SpanIdField + Text(l.TraceState) + Attributes(batch, l.Attributes) + Number(l.DroppedAttributes) + (l.Flags == 0 ? 0 : Fixed32));
        }

        var status = Text(span.StatusMessage) + Number((ulong)(long)span.Status);
        return size + (status == 0 ? 0 : Message(status)) + (span.Flags == 0 ? 0 : 1 + Fixed32);
    }

    private static int Attributes(SpanBatch batch, RowRange range)
    {
        var size = 0;
        foreach (ref readonly var row in batch.Attributes.Slice(range.Start, range.Count))
        {
            var value = row.Value.Kind switch
            {
                AttributeKind.Empty => 0,
                AttributeKind.Boolean => 2,
                AttributeKind.Integer => 1 + Varint((ulong)row.Value.Integer),
                AttributeKind.Double => Fixed64,
                _ => Message(row.Value.Slice.Length),
            };
            size += Message(Text(row.Key) + Message(value));
        }

        return size;
    }

    private static int Text(ByteSlice text) => text.IsEmpty ? 0 : Message(text.Length);

    private static int Number(ulong value) => value == 0 ? 0 : 1 + Varint(value);

    private static int Message(int length) => 1 + Varint((ulong)length) + length;

    private static int Varint(ulong value) => (70 - BitOperations.LeadingZeroCount(value | 1)) / 7;
}
