using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using Flyball.Model.Wire;
using Flyball.Server.Tests.Support;

namespace Flyball.Server.Tests.PrometheusApi;

/// <summary>One server reads another's native histograms by federation, in protobuf.</summary>
public sealed class FederateTests
{
    private const ulong One = 0x3ff0000000000000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Native_histograms_of_one_server_arrive_at_another()
    {
        await using var central = await RunningServer.StartAsync("{global: {external_labels: {region: lab}}, host: {enabled: false}}\n");
        await WriteAsync(central);
        await using var other = await RunningServer.StartAsync(
            $$"""
            host: {enabled: false}
            scrape_configs:
            - job_name: federate
              scrape_interval: 1s
              honor_labels: true
              scrape_native_histograms: true
              metrics_path: /federate
              params: {'match[]': ['{__name__=~"shape|bounds|plain"}']}
              static_configs: [{targets: ['127.0.0.1:{{central.Client.BaseAddress!.Port}}']}]
            """);

        var shape = await FirstAsync(other, "shape{region=\"lab\"}");
        Assert.Equal("""{"count":"6","sum":"7.5","buckets":[[1,"-1","-0.5","1"],[3,"-0.001","0.001","2"],[0,"1","2","3"]]}""", shape.GetProperty("histogram")[1].GetRawText());
        Assert.Equal("5", (await FirstAsync(other, "plain{region=\"lab\"}")).GetProperty("value")[1].GetString());

        // Bounds of one's own are told by classic buckets.
        Assert.Equal("3", (await FirstAsync(other, "sum(bounds_bucket{le=\"2.0\"})")).GetProperty("value")[1].GetString());
        Assert.Equal("4", (await FirstAsync(other, "bounds_count")).GetProperty("value")[1].GetString());
    }

    [Theory]
    [InlineData("text/plain", "text/plain; version=0.0.4; charset=utf-8")]
    [InlineData("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text;q=0.9,*/*;q=0.1", "text/plain; version=0.0.4; charset=utf-8")]
    [InlineData("text/plain;q=0.5,application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6", "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited")]
    public async Task The_format_is_the_one_the_caller_likes_best(string accept, string given)
    {
        await using var running = await RunningServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/federate?match[]=up");
        request.Headers.Add("Accept", accept);
        using var response = await running.Client.SendAsync(request, Token);
        Assert.Equal(given, response.Content.Headers.ContentType!.ToString());
    }

    private static async Task<JsonElement> FirstAsync(RunningServer running, string query)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var (_, body) = await running.GetAsync("/api/v1/query?query=" + Uri.EscapeDataString(query));
            if (body.GetProperty("data").GetProperty("result") is var result && result.GetArrayLength() == 1)
            {
                return result[0];
            }

            await pause.WaitForNextTickAsync(Token);
        }
    }

    private static async Task WriteAsync(RunningServer running)
    {
        var now = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var request = new WireWriter();
        WriteSeries(request, "plain", message =>
        {
            var sample = message.Begin(2);
            message.DoubleAlways(1, 5);
            message.VarintAlways(2, now);
            message.End(sample);
        });
        WriteSeries(request, "shape", message =>
        {
            var histogram = message.Begin(4);
            message.DoubleAlways(2, 6);
            message.DoubleAlways(3, 7.5);
            message.VarintAlways(4, 0);
            message.DoubleAlways(5, 0.001);
            message.DoubleAlways(7, 2);
            WriteSpan(message, 8, 0);
            message.Fixed64Always(10, One);
            WriteSpan(message, 11, 1);
            message.DoubleAlways(13, 3);
            message.VarintAlways(15, now);
            message.End(histogram);
        });
        WriteSeries(request, "bounds", message =>
        {
            var histogram = message.Begin(4);
            message.DoubleAlways(2, 4);
            message.DoubleAlways(3, 9);
            message.VarintAlways(4, 105);
            WriteSpan(message, 11, 0, 3);
            message.DoubleAlways(13, 1);
            message.DoubleAlways(13, 2);
            message.DoubleAlways(13, 1);
            message.VarintAlways(15, now);
            message.DoubleAlways(16, 1);
            message.DoubleAlways(16, 2);
            message.End(histogram);
        });

        var body = new ArrayBufferWriter<byte>();
        Snappy.Encode(request.Written, body);
        using var content = new ByteArrayContent(body.WrittenSpan.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        using var response = await running.Client.PostAsync("/api/v1/write", content, Token);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Token));
    }

    private static void WriteSeries(WireWriter request, string name, Action<WireWriter> sample)
    {
        var series = request.Begin(1);
        var label = request.Begin(1);
        request.Text(1, "__name__");
        request.Text(2, name);
        request.End(label);
        sample(request);
        request.End(series);
    }

    private static void WriteSpan(WireWriter message, int field, uint offset, uint length = 1)
    {
        var span = message.Begin(field);
        message.VarintAlways(1, offset << 1);
        message.VarintAlways(2, length);
        message.End(span);
    }
}
