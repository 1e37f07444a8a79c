using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Traces.Tests;

/// <summary>Batches with everything a batch can hold, from a seed.</summary>
internal sealed class RandomSpans(int seed)
{
    private static readonly string[] Words = ["", "a", "b", "http.method", "GET", "größe", "x y", "\0", "service.name", new('w', 5000)];

    private readonly Random _random = new(seed);

    public SpanBatch Batch(int spans, int traces = 5)
    {
        var batch = new SpanBatch();
        for (var i = 0; i < spans; i++)
        {
            if (i == 0 || _random.Next(4) == 0)
            {
                batch.AddResource(Text(batch), (uint)_random.Next(3));
                AddAttributes(batch, AttributeOwner.Resource);
                batch.AddScope(Text(batch), Text(batch), Text(batch), (uint)_random.Next(3));
                AddAttributes(batch, AttributeOwner.Scope);
            }

            AddSpan(batch, traces);
        }

        return batch;
    }

    private void AddSpan(SpanBatch batch, int traces)
    {
        var start = Spans.T0 + (ulong)_random.NextInt64(3_000_000_000_000);
        batch.AddSpan(new SpanRow
        {
            TraceId = new TraceId((ulong)_random.Next(2), (ulong)_random.Next(1, traces + 1)),
            SpanId = new SpanId((ulong)_random.Next(1, 200)),
            ParentId = new SpanId(_random.Next(3) == 0 ? 0 : (ulong)_random.Next(250)),
            Start = new TimestampNs(start),
            End = new TimestampNs(_random.Next(10) == 0 ? start - 5 : start + (ulong)_random.NextInt64(1L << _random.Next(40))),
            Name = Text(batch),
            TraceState = _random.Next(5) == 0 ? Text(batch) : default,
            StatusMessage = _random.Next(5) == 0 ? Text(batch) : default,
            Flags = (uint)_random.Next(0x400),
            Kind = (SpanKind)_random.Next(-1, 8),
            Status = (SpanStatus)_random.Next(-1, 4),
            DroppedAttributes = (uint)_random.Next(2),
            DroppedEvents = uint.MaxValue - (uint)_random.Next(2),
            DroppedLinks = (uint)_random.Next(2),
        });
        AddAttributes(batch, AttributeOwner.Span);
        for (var n = _random.Next(3); n > 0; n--)
        {
            batch.AddEvent(new TimestampNs(_random.Next(2) == 0 ? 0 : start + 7), Text(batch), (uint)_random.Next(2));
            AddAttributes(batch, AttributeOwner.Event);
        }

        for (var n = _random.Next(3); n > 0; n--)
        {
            batch.AddLink(new LinkRow
            {
                TraceId = new TraceId((ulong)_random.NextInt64(), (ulong)_random.NextInt64()),
                SpanId = new SpanId((ulong)_random.NextInt64()),
                TraceState = Text(batch),
                Flags = (uint)_random.Next(3),
                DroppedAttributes = (uint)_random.Next(2),
            });
            AddAttributes(batch, AttributeOwner.Link);
        }
    }

    private void AddAttributes(SpanBatch batch, AttributeOwner owner)
    {
        for (var n = _random.Next(5); n > 0; n--)
        {
            var key = _random.Next(20) == 0 ? batch.Store("unique " + _random.Next()) : Text(batch);
            AttributeValue value = _random.Next(8) switch
            {
                0 => default,
                1 => AttributeValue.OfText(Text(batch)),
                2 => AttributeValue.OfBoolean(_random.Next(2) == 0),
                3 => AttributeValue.OfInteger(_random.NextInt64(long.MinValue, long.MaxValue)),
                4 => AttributeValue.OfDouble(_random.Next(4) == 0 ? double.NaN : _random.NextDouble()),
                5 => AttributeValue.OfBytes(AttributeKind.Bytes, Text(batch)),
                6 => AttributeValue.OfBytes(AttributeKind.Array, batch.Store([0x0A, 2, 0x10, 1])),
                _ => AttributeValue.OfBytes(AttributeKind.Map, default),
            };
            batch.AddAttribute(owner, key, value);
        }
    }

    private ByteSlice Text(SpanBatch batch) => batch.Store(Words[_random.Next(Words.Length)]);
}
