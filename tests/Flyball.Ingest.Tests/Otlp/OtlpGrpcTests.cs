using System.Net;
using System.Net.Http.Headers;
using Flyball.Ingest.Otlp;
using Flyball.Ingest.Otlp.Grpc;

namespace Flyball.Ingest.Tests.Otlp;

public class OtlpGrpcTests
{
    private const string Export = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_export_is_stored_and_answered_with_ok()
    {
        await using var server = await OtlpServer.StartAsync();
        var (status, _, body) = await CallAsync(server, Export, GrpcFrame.Around(TraceRequests.Request(TraceRequests.Good())));
        Assert.Equal("0", status);
        Assert.Equal(new byte[5], body);
        Assert.Single(server.Sink.Spans);
    }

    [Fact]
    public async Task A_gzip_message_is_unpacked()
    {
        await using var server = await OtlpServer.StartAsync();
        var frame = GrpcFrame.Around(OtlpHttpTests.Gzip(TraceRequests.Request(TraceRequests.Good())));
        frame[0] = 1;
        Assert.Equal("0", (await CallAsync(server, Export, frame, "gzip")).Status);
        Assert.Single(server.Sink.Spans);
    }

    [Theory]
    [InlineData("/opentelemetry.proto.collector.logs.v1.LogsService/Export")]
    [InlineData("/opentelemetry.proto.collector.trace.v1.TraceService/Other")]
    [InlineData("/grpc.health.v1.Health/Check")]
    public async Task Unknown_services_and_methods_are_unimplemented(string path)
    {
        await using var server = await OtlpServer.StartAsync();
        Assert.Equal("12", (await CallAsync(server, path, GrpcFrame.Around([]))).Status);
    }

    [Theory]
    [InlineData(new byte[] { }, null, "3")]
    [InlineData(new byte[] { 0, 0, 0 }, null, "3")]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 }, null, "3")]
    [InlineData(new byte[] { 7, 0, 0, 0, 0 }, null, "3")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, null, "3")]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 0xFF }, null, "3")]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 0xFF }, "gzip", "3")]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 0xFF }, null, "13")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0 }, "snappy", "12")]
    [InlineData(new byte[] { 0, 0x7F, 0, 0, 0 }, null, "8")]
    public async Task Bad_frames_get_the_code_that_says_what_is_wrong(byte[] body, string? encoding, string expected)
    {
        await using var server = await OtlpServer.StartAsync();
        Assert.Equal(expected, (await CallAsync(server, Export, body, encoding)).Status);
        Assert.Empty(server.Sink.Spans);
    }

    [Fact]
    public async Task A_gzip_bomb_stops_at_the_limit()
    {
        await using var server = await OtlpServer.StartAsync(new OtlpOptions { MaxRequestBytes = 50_000 });
        var frame = GrpcFrame.Around(OtlpHttpTests.Gzip(new byte[10_000_000]));
        frame[0] = 1;
        Assert.Equal("8", (await CallAsync(server, Export, frame, "gzip")).Status);
    }

    [Fact]
    public async Task A_failing_store_answers_unavailable_with_a_time_to_retry()
    {
        await using var server = await OtlpServer.StartAsync();
        server.Sink.Failure = new IOException("no space left on device");
        var (status, details, _) = await CallAsync(server, Export, GrpcFrame.Around(TraceRequests.Request(TraceRequests.Good())));
        Assert.Equal("14", status);
        Assert.Contains("google.rpc.RetryInfo", System.Text.Encoding.Latin1.GetString(Unpad(details!)));
    }

    [Fact]
    public async Task A_partial_success_is_ok_with_a_message()
    {
        await using var server = await OtlpServer.StartAsync();
        var request = TraceRequests.Request(TraceRequests.Good(), TraceRequests.Span(new byte[16], TraceRequests.SpanId));
        var (status, _, body) = await CallAsync(server, Export, GrpcFrame.Around(request));
        Assert.Equal("0", status);
        Assert.Contains("trace_id is all zero", System.Text.Encoding.Latin1.GetString(body));
    }

    private static byte[] Unpad(string base64) => Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='));

    private static async Task<(string? Status, string? Details, byte[] Body)> CallAsync(
        OtlpServer server, string path, byte[] body, string? encoding = null)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Grpc, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (encoding is not null)
        {
            request.Headers.Add("grpc-encoding", encoding);
        }

        using var response = await client.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = await response.Content.ReadAsByteArrayAsync(Stop);
        return (Header(response, "grpc-status"), Header(response, "grpc-status-details-bin"), answer);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var trailer) ? trailer.Single()
        : response.Headers.TryGetValues(name, out var header) ? header.Single() : null;
}
