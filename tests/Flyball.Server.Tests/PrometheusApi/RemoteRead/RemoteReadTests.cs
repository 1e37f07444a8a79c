using System.Buffers;
using System.Buffers.Binary;
using System.Net.Http.Headers;
using Flyball.Durable.Checksums;
using Flyball.Model.Labels;
using Flyball.Model.Wire;
using Flyball.Server.Tests.Support;

namespace Flyball.Server.Tests.PrometheusApi.RemoteRead;

public sealed class RemoteReadTests
{
    private const string Config = "global: {external_labels: {region: lab}}\nhost: {enabled: false}\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_real_prometheus_sees_our_series()
    {
        var programs = RealPrometheus.Programs();
        await using var running = await RunningServer.StartAsync(Config);
        var now = await WriteAsync(running);
        (string Theirs, string Ours)[] queries =
        [
            ("sum by (shard) (max_over_time(jobs_total[1m]))", "sum by (shard) (max_over_time(jobs_total[1m]))"),
            ("jobs_total{shard=~\"1|2\"}", "jobs_total{shard=~\"1|2\"}"),
            ("count(jobs_total{odd=\"ü\\\"\"})", "count(jobs_total)"),
            // The external label is on everything that leaves; the one who has it knows nothing of it.
            ("jobs_total{region=\"lab\"}", "jobs_total"),
            ("jobs_total{region=\"other\"}", "nothing"),
        ];
        foreach (var program in programs)
        {
            await using var peer = await RealPrometheus.StartAsync(
                program, $"remote_read: [{{url: '{running.Server.Address}api/v1/read', read_recent: true}}]\n");
            foreach (var (theirs, ours) in queries)
            {
                string Path(string query) => $"/api/v1/query_range?query={Uri.EscapeDataString(query)}&start={(now / 1000) - 300}&end={now / 1000}&step=15";
                var read = await peer.QueryAsync(Path(theirs));
                var own = (await running.GetAsync(Path(ours))).Body.GetProperty("data").GetProperty("result").GetRawText();
                Assert.Equal(own, read.Replace("\"region\":\"lab\",", "", StringComparison.Ordinal));
            }
        }
    }

    [Theory]
    [InlineData(1 << 20, 3)]
    [InlineData(1, 30)]
    public async Task Chunks_come_in_frames_of_the_size_asked_for(int frameBytes, int leastFrames)
    {
        await using var running = await RunningServer.StartAsync(Config, o => o with { RemoteRead = new RemoteReadLimits { FrameBytes = frameBytes } });
        var now = await WriteAsync(running);
        using var response = await ReadAsync(running, Request(now - 1_000_000, now, "jobs_total", streamed: true));
        Assert.Equal("application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse", response.Content.Headers.ContentType!.ToString());
        var bytes = await response.Content.ReadAsByteArrayAsync(Token);
        var frames = 0;
        for (var at = 0; at < bytes.Length; frames++)
        {
            var reader = new WireReader(bytes.AsSpan(at));
            var length = (int)reader.ReadVarint();
            var sum = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at + reader.Position));
            var message = bytes.AsSpan(at + reader.Position + 4, length);
            Assert.Equal(Crc32C.Of(message), sum);
            at += reader.Position + 4 + length;
        }

        Assert.True(frames >= leastFrames, $"{frames} frames");
    }

    [Fact]
    public async Task Who_does_not_ask_for_chunks_gets_samples()
    {
        await using var running = await RunningServer.StartAsync(Config);
        var now = await WriteAsync(running);
        using var response = await ReadAsync(running, Request(now - 15_000, now, "jobs_total", streamed: false));
        Assert.Equal("application/x-protobuf", response.Content.Headers.ContentType!.ToString());
        Assert.Contains("snappy", response.Content.Headers.ContentEncoding);
        var message = new ArrayBufferWriter<byte>();
        Snappy.Decode(await response.Content.ReadAsByteArrayAsync(Token), 1 << 20, message);
        Assert.Contains("lab", System.Text.Encoding.UTF8.GetString(message.WrittenSpan), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_samples_than_the_limit_are_refused()
    {
        await using var running = await RunningServer.StartAsync(Config, o => o with { RemoteRead = new RemoteReadLimits { Samples = 5 } });
        var now = await WriteAsync(running);
        using var response = await ReadAsync(running, Request(now - 1_000_000, now, "jobs_total", streamed: false));
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("exceeded sample limit (5)", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ff")]
    [InlineData("030AFFFF01")]
    public async Task What_is_no_request_is_refused(string hex)
    {
        await using var running = await RunningServer.StartAsync(Config);
        using var content = new ByteArrayContent(Convert.FromHexString(hex));
        using var response = await running.Client.PostAsync("/api/v1/read", content, Token);
        Assert.Equal(400, (int)response.StatusCode);
    }

    private static async Task<long> WriteAsync(RunningServer running)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000 * 1000;
        await running.WriteAsync(Enumerable.Range(0, 3).Select(shard => (
            LabelSet.Of(("__name__", "jobs_total"), ("shard", shard.ToString()), ("odd", "ü\"")),
            (IReadOnlyList<(long, double)>)[.. Enumerable.Range(0, 1_200).Select(i => (now - 300_000 + (i * 250L), i * (shard + 1) / 4.0))])));
        return now;
    }

    private static byte[] Request(long fromMs, long toMs, string metric, bool streamed)
    {
        var request = new WireWriter();
        var query = request.Begin(1);
        request.Varint(1, (ulong)fromMs);
        request.Varint(2, (ulong)toMs);
        foreach (var (name, value) in new[] { ("__name__", metric), ("region", "lab") })
        {
            var matcher = request.Begin(3);
            request.Text(2, name);
            request.Text(3, value);
            request.End(matcher);
        }

        request.End(query);
        if (streamed)
        {
            request.VarintAlways(2, 7);
            request.VarintAlways(2, 1);
        }

        return request.Written.ToArray();
    }

    private static async Task<HttpResponseMessage> ReadAsync(RunningServer running, byte[] request)
    {
        var body = new ArrayBufferWriter<byte>();
        Snappy.Encode(request, body);
        using var content = new ByteArrayContent(body.WrittenSpan.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        return await running.Client.PostAsync("/api/v1/read", content, Token);
    }
}
