using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Flyball.Ingest.Otlp;
using Flyball.Ingest.Otlp.Traces;
using Flyball.Model.Spans;
using Flyball.Testing;

namespace Flyball.Ingest.Tests.Otlp;

/// <summary>Whatever arrives, a decoder says "not decodable" or reads it; nothing else is ever thrown.</summary>
public class MalformedTraceTests
{
    private const int Rounds = 20_000;

    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    [Fact]
    public void Truncated_and_changed_protobuf_never_breaks_the_decoder()
    {
        var good = TraceRequests.Request(TraceRequests.Good(), w =>
        {
            TraceRequests.Good("two")(w);
            TraceRequests.Text(w, 9, "key", "value");
            var e = w.Begin(11);
            w.Text(2, "event");
            TraceRequests.Text(w, 3, "k", "v");
            w.End(e);
            var link = w.Begin(13);
            w.Bytes(1, TraceRequests.TraceId);
            w.End(link);
        });
        Fuzz(good, (bytes, batch) => OtlpTraceDecoder.Decode(bytes, batch, new RejectedSpans()));
    }

    [Fact]
    public void Truncated_and_changed_json_never_breaks_the_decoder()
    {
        var good = File.ReadAllBytes(SharedData.Require("data/ci/otlp/cicd-trace-semconv-1.44.json"));
        Fuzz(good, (bytes, batch) => OtlpJsonTraceDecoder.Decode(bytes, batch, new RejectedSpans()), rounds: 3000);
    }

    [Fact]
    public void Deep_nesting_is_refused_before_the_stack_ends()
    {
        var value = Array.Empty<byte>();
        for (var i = 0; i < 10_000; i++)
        {
            var w = new Flyball.Model.Wire.WireWriter();
            var array = w.Begin(5);
            w.BytesAlways(1, value);
            w.End(array);
            value = w.Written.ToArray();
        }

        var request = TraceRequests.Request(w =>
        {
            TraceRequests.Good()(w);
            var keyValue = w.Begin(9);
            w.BytesAlways(2, value);
            w.End(keyValue);
        });
        Assert.Throws<OtlpDecodeException>(() => OtlpTraceDecoder.Decode(request, new SpanBatch(), new RejectedSpans()));
        var json = Encoding.UTF8.GetBytes("{\"resourceSpans\":" + new string('[', 100_000));
        Assert.Throws<OtlpDecodeException>(() => OtlpJsonTraceDecoder.Decode(json, new SpanBatch(), new RejectedSpans()));
    }

    [Fact]
    public void Text_that_is_not_utf8_is_refused()
    {
        var request = TraceRequests.Request(w =>
        {
            TraceRequests.Good()(w);
            w.Bytes(5, [0xFF, 0xFE]);
        });
        Assert.Throws<OtlpDecodeException>(() => OtlpTraceDecoder.Decode(request, new SpanBatch(), new RejectedSpans()));
    }

    [Fact]
    public void Fields_in_any_order_give_the_same_batch()
    {
        var request = TraceRequests.Request(w =>
        {
            TraceRequests.Text(w, 9, "a", "1");
            var e = w.Begin(11);
            TraceRequests.Text(w, 3, "in event", "x");
            w.Text(2, "event");
            w.End(e);
            TraceRequests.Text(w, 9, "b", "2");
            TraceRequests.Good("late name")(w);
        });
        var batch = new SpanBatch();
        OtlpTraceDecoder.Decode(request, batch, new RejectedSpans());
        var span = RecordedSpan.Of(batch, batch.Spans[0]);
        Assert.Equal("late name", span.Name);
        Assert.Equal(new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" }, span.Attributes);
        Assert.Equal("event in event=x", Assert.Single(span.Events));
    }

    [Theory]
    [InlineData("application/x-protobuf")]
    [InlineData("application/json")]
    public async Task Truncated_random_and_changed_requests_are_answered_and_counted_by_their_answer(string type)
    {
        var seen = new ConcurrentDictionary<string, long>();
        using var listener = Listen("flyball_otlp_requests_total", "code", seen);
        await using var server = await OtlpServer.StartAsync();
        var good = type == "application/json"
            ? await File.ReadAllBytesAsync(SharedData.Require("data/ci/otlp/cicd-trace-semconv-1.44.json"), Stop)
            : TraceRequests.Request(TraceRequests.Good(), TraceRequests.Good("two"));
        var random = new Random(2);
        var refused = 0;
        for (var i = 0; i < 300; i++)
        {
            var body = Damage(good, random, isRandom: i % 10 == 0);
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new(type);
            using var response = await server.Client.PostAsync(new Uri("/v1/traces", UriKind.Relative), content, Stop);
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest, $"round {i}: {response.StatusCode}");
            refused += response.StatusCode == HttpStatusCode.BadRequest ? 1 : 0;
        }

        Assert.InRange(refused, 50, 299);
        Assert.True(seen["InvalidArgument"] >= refused);
    }

    [Fact]
    public async Task Refused_spans_are_counted_by_what_is_wrong_with_them()
    {
        var seen = new ConcurrentDictionary<string, long>();
        using var listener = Listen("flyball_otlp_spans_rejected_total", "reason", seen);
        await using var server = await OtlpServer.StartAsync();
        var body = TraceRequests.Request(
            TraceRequests.Good(),
            TraceRequests.Span(new byte[16], TraceRequests.SpanId),
            TraceRequests.Span(TraceRequests.TraceId[..8], TraceRequests.SpanId),
            TraceRequests.Span(TraceRequests.TraceId, new byte[8]),
            TraceRequests.Span(TraceRequests.TraceId, TraceRequests.SpanId, [1, 2, 3]));
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/x-protobuf");
        using var response = await server.Client.PostAsync(new Uri("/v1/traces", UriKind.Relative), content, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        // Other tests run at the same time and are counted too.
        Assert.True(seen["trace_id"] >= 2 && seen["span_id"] >= 1 && seen["parent_span_id"] >= 1, string.Join(' ', seen));
    }

    private static MeterListener Listen(string instrument, string label, ConcurrentDictionary<string, long> seen)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (published, listener) =>
            {
                if (published.Name == instrument)
                {
                    listener.EnableMeasurementEvents(published);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag.Key == label)
                {
                    seen.AddOrUpdate((string)tag.Value!, value, (_, before) => before + value);
                }
            }
        });
        listener.Start();
        return listener;
    }

    private static byte[] Damage(byte[] good, Random random, bool isRandom)
    {
        var bytes = random.Next(2) == 0 ? good[..random.Next(good.Length)] : [.. good];
        for (var i = random.Next(4); i > 0 && bytes.Length > 0; i--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        if (isRandom)
        {
            random.NextBytes(bytes);
        }

        return bytes;
    }

    private static void Fuzz(byte[] good, Action<byte[], SpanBatch> decode, int rounds = Rounds)
    {
        var random = new Random(1);
        var batch = new SpanBatch();
        for (var i = 0; i < rounds; i++)
        {
            var bytes = i % 3 == 0 ? good[..random.Next(good.Length + 1)] : [.. good];
            for (var j = random.Next(5); j > 0 && bytes.Length > 0; j--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            if (i % 50 == 0)
            {
                random.NextBytes(bytes);
            }

            batch.Clear();
            try
            {
                decode(bytes, batch);
            }
            catch (OtlpDecodeException)
            {
                continue;
            }

            foreach (var span in batch.Spans)
            {
                _ = RecordedSpan.Of(batch, span);
            }
        }
    }
}
