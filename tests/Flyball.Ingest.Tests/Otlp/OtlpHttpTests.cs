using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Flyball.Ingest.Otlp;
using Flyball.Model.Spans;
using Flyball.Model.Wire;
using Flyball.Testing;

namespace Flyball.Ingest.Tests.Otlp;

public class OtlpHttpTests
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_protobuf_request_is_stored_and_answered_with_zero_bytes()
    {
        await using var server = await OtlpServer.StartAsync();
        var response = await PostAsync(server, TraceRequests.Request(TraceRequests.Good()), "application/x-protobuf");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/x-protobuf", response.Content.Headers.ContentType!.MediaType);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Stop));
        var span = Assert.Single(server.Sink.Spans);
        Assert.Equal(("work", "shop", "lib", SpanKind.Server), (span.Name, span.Service, span.Scope, span.Row.Kind));
        Assert.Equal("5b8efff798038103d269b633813fc60c", span.Row.TraceId.ToString());
        Assert.Equal(1_000_000_000ul, span.Row.DurationNs);
    }

    [Theory]
    [InlineData("conformance/otlp/example-trace.json")]
    [InlineData("data/ci/otlp/proto-example-trace.json")]
    [InlineData("data/ci/otlp/cicd-trace-semconv-1.44.json")]
    [InlineData("data/ci/otlp/buildkite-notification-service-trace.json")]
    [InlineData("data/ci/otlp/wrapped-command-trace.json")]
    public async Task The_published_json_examples_are_stored(string file)
    {
        var body = await File.ReadAllBytesAsync(SharedData.Require(file), Stop);
        await using var server = await OtlpServer.StartAsync();
        var response = await PostAsync(server, body, "application/json; charset=utf-8");
        Assert.Equal("{}", await response.Content.ReadAsStringAsync(Stop));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotEmpty(server.Sink.Spans);
    }

    [Fact]
    public async Task Json_and_protobuf_of_the_same_span_are_stored_alike()
    {
        const string Json = """
            {"resourceSpans":[{"scopeSpans":[{"spans":[{"status":{"code":2,"message":"b\u00e4d"},"links":[{"spanId":"EEE19B7EC3C1B174",
            "traceId":"5B8EFFF798038103D269B633813FC60C","attributes":[{"key":"l","value":{"boolValue":true}}]}],
            "events":[{"timeUnixNano":"7","attributes":[{"value":{"intValue":"-5"},"key":"n"}],"name":"e"}],
            "attributes":[{"key":"list","value":{"arrayValue":{"values":[{"stringValue":"x"},{"doubleValue":"NaN"},{"kvlistValue":{"values":
            [{"key":"k","value":{"bytesValue":"AQI="}}]}}]}}},{"key":"none","value":{}},{"key":"d","value":{"doubleValue":1.5}}],
            "traceId":"5b8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174","kind":2,"name":"work","unknown":{"a":[1]},
            "start_time_unix_nano":"9","startTimeUnixNano":"1544712660000000000","endTimeUnixNano":1544712661000000000,"parentSpanId":null}],
            "scope":{"name":"lib","version":"1.2"}}],"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]}}]}
            """;
        await using var server = await OtlpServer.StartAsync();
        (await PostAsync(server, Encoding.UTF8.GetBytes(Json), "application/json")).EnsureSuccessStatusCode();
        (await PostAsync(server, TraceRequests.Request(AsProtobuf), "application/x-protobuf")).EnsureSuccessStatusCode();
        var (json, protobuf) = (server.Sink.Spans[0], server.Sink.Spans[1]);
        Assert.Equal(protobuf.Attributes, json.Attributes);
        Assert.Equal(protobuf.Events, json.Events);
        Assert.Equal(protobuf.Links, json.Links);
        Assert.Equal((protobuf.Name, protobuf.Scope, protobuf.Service), (json.Name, json.Scope, json.Service));
        Assert.Equal(
            (protobuf.Row.TraceId, protobuf.Row.SpanId, protobuf.Row.Start, protobuf.Row.End, protobuf.Row.Status),
            (json.Row.TraceId, json.Row.SpanId, json.Row.Start, json.Row.End, json.Row.Status));
    }

    [Fact]
    public async Task Bad_spans_are_refused_one_by_one_and_the_good_ones_stay()
    {
        await using var server = await OtlpServer.StartAsync();
        var body = TraceRequests.Request(
            TraceRequests.Good(),
            TraceRequests.Span(new byte[16], TraceRequests.SpanId),
            TraceRequests.Span(TraceRequests.TraceId, new byte[8]),
            TraceRequests.Span(TraceRequests.TraceId[..8], TraceRequests.SpanId),
            TraceRequests.Span(TraceRequests.TraceId, TraceRequests.SpanId, [1, 2, 3]),
            TraceRequests.Span(TraceRequests.TraceId, TraceRequests.SpanId, new byte[8], "root"));
        var response = await PostAsync(server, body, "application/x-protobuf");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var (rejected, message) = ReadPartialSuccess(await response.Content.ReadAsByteArrayAsync(Stop));
        Assert.Equal(4, rejected);
        Assert.Equal("trace_id is all zero", message);
        Assert.Equal(["work", "root"], server.Sink.Spans.Select(s => s.Name));
        Assert.True(server.Sink.Spans[1].Row.ParentId.IsZero);
    }

    [Theory]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"5b8e\",\"spanId\":\"eee19b7ec3c1b174\"}]}]}]}")]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"zb8efff798038103d269b633813fc60c\"}]}]}]}")]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"kind\":\"SPAN_KIND_SERVER\"}]}]}]}")]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"name\":\"\\ud800\"}]}]}]}")]
    [InlineData("{\"resourceSpans\":{}}")]
    [InlineData("{} {}")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{\"resourceSpans\":[")]
    public async Task Json_that_breaks_the_mapping_is_answered_with_400_in_json(string body)
    {
        await using var server = await OtlpServer.StartAsync();
        var response = await PostAsync(server, Encoding.UTF8.GetBytes(body), "application/json");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("{\"code\":3,\"message\":\"", await response.Content.ReadAsStringAsync(Stop));
        Assert.Empty(server.Sink.Spans);
    }

    [Fact]
    public async Task Undecodable_protobuf_is_answered_with_400_in_protobuf()
    {
        await using var server = await OtlpServer.StartAsync();
        var response = await PostAsync(server, [0x0A, 0xFF], "application/x-protobuf");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/x-protobuf", response.Content.Headers.ContentType!.MediaType);
        var status = new WireReader(await response.Content.ReadAsByteArrayAsync(Stop));
        Assert.True(status.TryReadField(out _, out _));
        Assert.Equal(3ul, status.ReadVarint());
    }

    [Theory]
    [InlineData("text/plain", null, HttpStatusCode.UnsupportedMediaType)]
    [InlineData(null, null, HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/x-protobuf", "br", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/x-protobuf", "identity", HttpStatusCode.OK)]
    [InlineData("application/x-protobuf", "gzip", HttpStatusCode.BadRequest)]
    public async Task Type_and_encoding_are_checked(string? type, string? encoding, HttpStatusCode expected)
    {
        await using var server = await OtlpServer.StartAsync();
        var response = await PostAsync(server, TraceRequests.Request(TraceRequests.Good()), type, encoding);
        Assert.Equal(expected, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/v1/traces", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "/v1/other", HttpStatusCode.NotFound)]
    [InlineData("POST", "/v1/metrics", HttpStatusCode.NotFound)]
    public async Task Other_methods_and_paths_are_refused(string method, string path, HttpStatusCode expected)
    {
        await using var server = await OtlpServer.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        Assert.Equal(expected, (await server.Client.SendAsync(request, Stop)).StatusCode);
    }

    [Fact]
    public async Task Gzip_is_unpacked()
    {
        await using var server = await OtlpServer.StartAsync();
        var response = await PostAsync(server, Gzip(TraceRequests.Request(TraceRequests.Good())), "application/x-protobuf", "gzip");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Single(server.Sink.Spans);
    }

    [Fact]
    public async Task A_cut_off_gzip_body_is_never_taken_for_a_shorter_request()
    {
        await using var server = await OtlpServer.StartAsync();
        var packed = Gzip(TraceRequests.Request(TraceRequests.Good(), TraceRequests.Good("two")));
        for (var length = 1; length < packed.Length; length++)
        {
            var before = server.Sink.Spans.Count;
            var response = await PostAsync(server, packed[..length], "application/x-protobuf", "gzip");
            var whole = response.StatusCode == HttpStatusCode.OK;
            Assert.True(whole || response.StatusCode == HttpStatusCode.BadRequest, $"{response.StatusCode} after {length} bytes");
            Assert.Equal(whole ? 2 : 0, server.Sink.Spans.Count - before);
        }
    }

    [Theory]
    [InlineData(100_000, false)]
    [InlineData(10_000_000, true)]
    public async Task Too_large_a_body_is_refused_before_and_after_unpacking(int size, bool gzip)
    {
        await using var server = await OtlpServer.StartAsync(new OtlpOptions { MaxRequestBytes = 50_000 });
        var body = new byte[size];
        var response = await PostAsync(server, gzip ? Gzip(body) : body, "application/x-protobuf", gzip ? "gzip" : null);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task A_body_of_exactly_the_limit_is_taken()
    {
        var body = TraceRequests.Request(TraceRequests.Good(new string('x', 1000)));
        await using var server = await OtlpServer.StartAsync(new OtlpOptions { MaxRequestBytes = body.Length });
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(server, body, "application/x-protobuf")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(server, Gzip(body), "application/x-protobuf", "gzip")).StatusCode);
    }

    [Fact]
    public async Task A_failing_store_sends_clients_away_for_a_while()
    {
        await using var server = await OtlpServer.StartAsync();
        server.Sink.Failure = new IOException("no space left on device");
        var response = await PostAsync(server, TraceRequests.Request(TraceRequests.Good()), "application/x-protobuf");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task An_empty_request_succeeds()
    {
        await using var server = await OtlpServer.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(server, [], "application/x-protobuf")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(server, "{}"u8.ToArray(), "application/json")).StatusCode);
    }

    internal static async Task<HttpResponseMessage> PostAsync(OtlpServer server, byte[] body, string? type, string? encoding = null)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return await server.Client.PostAsync(new Uri("/v1/traces", UriKind.Relative), content, Stop);
    }

    internal static byte[] Gzip(byte[] body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(body);
        }

        return packed.ToArray();
    }

    private static (int Rejected, string Message) ReadPartialSuccess(byte[] response)
    {
        var outer = new WireReader(response);
        Assert.True(outer.TryReadField(out var field, out _));
        Assert.Equal(1, field);
        var partial = new WireReader(outer.ReadBytes());
        partial.TryReadField(out _, out _);
        var rejected = (int)partial.ReadVarint();
        partial.TryReadField(out _, out _);
        return (rejected, Encoding.UTF8.GetString(partial.ReadBytes()));
    }

    private static void AsProtobuf(WireWriter w)
    {
        TraceRequests.Good()(w);
        var list = w.Begin(9);
        w.Text(1, "list");
        var any = w.Begin(2);
        var array = w.Begin(5);
        var first = w.Begin(1);
        w.Text(1, "x");
        w.End(first);
        var second = w.Begin(1);
        w.DoubleAlways(4, double.NaN);
        w.End(second);
        var third = w.Begin(1);
        var map = w.Begin(6);
        var pair = w.Begin(1);
        w.Text(1, "k");
        var bytes = w.Begin(2);
        w.Bytes(7, [1, 2]);
        w.End(bytes);
        w.End(pair);
        w.End(map);
        w.End(third);
        w.End(array);
        w.End(any);
        w.End(list);
        var none = w.Begin(9);
        w.Text(1, "none");
        w.End(none);
        var d = w.Begin(9);
        w.Text(1, "d");
        any = w.Begin(2);
        w.DoubleAlways(4, 1.5);
        w.End(any);
        w.End(d);
        var e = w.Begin(11);
        w.Fixed64(1, 7);
        w.Text(2, "e");
        var n = w.Begin(3);
        w.Text(1, "n");
        any = w.Begin(2);
        w.VarintAlways(3, unchecked((ulong)-5));
        w.End(any);
        w.End(n);
        w.End(e);
        var link = w.Begin(13);
        w.Bytes(1, TraceRequests.TraceId);
        w.Bytes(2, TraceRequests.SpanId);
        var l = w.Begin(4);
        w.Text(1, "l");
        any = w.Begin(2);
        w.VarintAlways(2, 1);
        w.End(any);
        w.End(l);
        w.End(link);
        var status = w.Begin(15);
        w.Text(2, "bäd");
        w.Varint(3, 2);
        w.End(status);
    }
}
