using System.Text;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Testing;

namespace Flyball.Traces.Tests;

/// <summary>Makes spans and reads them back as text that can be compared.</summary>
internal static class Spans
{
    public static readonly ulong T0 = TimestampNs.From(TestClock.DefaultStart).Value;

    public static TraceId Trace(ulong n) => new(0x0102_0304_0506_0708, n);

    /// <summary>A batch with spans of one service.</summary>
    public static SpanBatch Batch(string service, params ReadOnlySpan<SpanSpec> spans)
    {
        var batch = new SpanBatch();
        batch.AddResource();
        batch.AddAttribute(AttributeOwner.Resource, "service.name", service);
        batch.AddScope(batch.Store("lib"), batch.Store("1"));
        foreach (var spec in spans)
        {
            Add(batch, spec);
        }

        return batch;
    }

    public static void Add(SpanBatch batch, SpanSpec spec)
    {
        batch.AddSpan(new SpanRow
        {
            TraceId = Trace(spec.Trace),
            SpanId = new SpanId(spec.Id),
            ParentId = new SpanId(spec.Parent),
            Name = batch.Store(spec.Name),
            Start = new TimestampNs(T0 + (spec.StartMs * 1_000_000)),
            End = new TimestampNs(T0 + ((spec.StartMs + spec.LengthMs) * 1_000_000)),
            Kind = spec.Kind,
            Status = spec.Status,
        });
        foreach (var (key, value) in spec.Attributes ?? [])
        {
            switch (value)
            {
                case string text:
                    batch.AddAttribute(AttributeOwner.Span, key, text);
                    break;
                case bool flag:
                    batch.AddAttribute(AttributeOwner.Span, batch.Store(key), AttributeValue.OfBoolean(flag));
                    break;
                case double number:
                    batch.AddAttribute(AttributeOwner.Span, batch.Store(key), AttributeValue.OfDouble(number));
                    break;
                default:
                    batch.AddAttribute(AttributeOwner.Span, key, Convert.ToInt64(value));
                    break;
            }
        }
    }

    /// <summary>Everything a batch says, one span per line, in order.</summary>
    public static string Describe(SpanBatch? batch)
    {
        if (batch is null)
        {
            return "nothing";
        }

        var text = new StringBuilder();
        foreach (ref readonly var span in batch.Spans)
        {
            var resource = batch.Resources[span.Resource];
            var scope = batch.Scopes[span.Scope];
            text.Append($"{span.TraceId}/{span.SpanId}<{span.ParentId} {span.Start.Value}-{span.End.Value} '{batch.Text(span.Name)}' ");
            text.Append($"{(int)span.Kind} {(int)span.Status}:'{batch.Text(span.StatusMessage)}' ts='{batch.Text(span.TraceState)}' f={span.Flags} ");
            text.Append($"d={span.DroppedAttributes},{span.DroppedEvents},{span.DroppedLinks}{Attributes(batch, span.Attributes)}");
            text.Append($" R({batch.Text(resource.SchemaUrl)},{resource.DroppedAttributes}{Attributes(batch, resource.Attributes)})");
            text.Append($" S({batch.Text(scope.Name)},{batch.Text(scope.Version)},{batch.Text(scope.SchemaUrl)},{scope.DroppedAttributes}");
            text.Append($"{Attributes(batch, scope.Attributes)})");
            foreach (ref readonly var e in batch.Events.Slice(span.Events.Start, span.Events.Count))
            {
                text.Append($" E({e.Time.Value},{batch.Text(e.Name)},{e.DroppedAttributes}{Attributes(batch, e.Attributes)})");
            }

            foreach (ref readonly var l in batch.Links.Slice(span.Links.Start, span.Links.Count))
            {
                text.Append($" L({l.TraceId}/{l.SpanId},{batch.Text(l.TraceState)},{l.Flags},{l.DroppedAttributes}{Attributes(batch, l.Attributes)})");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Attributes(SpanBatch batch, RowRange range)
    {
        var text = new StringBuilder(" [");
        foreach (ref readonly var row in batch.Attributes.Slice(range.Start, range.Count))
        {
            var value = row.Value.Slice.IsEmpty ? row.Value.Bits.ToString() : Convert.ToHexString(batch.Bytes(row.Value.Slice));
            text.Append($"{batch.Text(row.Key)}:{row.Value.Kind}={value};");
        }

        return text.Append(']').ToString();
    }
}

internal sealed record SpanSpec(
    ulong Trace,
    ulong Id,
    ulong Parent = 0,
    string Name = "work",
    ulong StartMs = 0,
    ulong LengthMs = 10,
    SpanKind Kind = SpanKind.Internal,
    SpanStatus Status = SpanStatus.Unset,
    (string Key, object Value)[]? Attributes = null);
