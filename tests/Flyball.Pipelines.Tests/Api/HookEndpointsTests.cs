using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Flyball.Pipelines.Api;
using Flyball.Pipelines.Tests.Tekton;

namespace Flyball.Pipelines.Tests.Api;

public sealed class HookEndpointsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_is_taken_and_durable_when_it_is_acknowledged()
    {
        await using var host = await PipelinesHost.StartAsync();

        foreach (var file in TektonStream.Names("run-7xk2p-success-with-retry"))
        {
            using var answer = await host.Client.PostAsync("/hooks/tekton", new ByteArrayContent(await File.ReadAllBytesAsync(file, Stop)), Stop);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        }

        Assert.Equal(TektonStream.Names("run-7xk2p-success-with-retry").Count(), host.Bench.Log.Facts.Count);
    }

    [Fact]
    public async Task Zipped_bodies_are_unzipped_and_bombs_are_not()
    {
        await using var host = await PipelinesHost.StartAsync(new HookOptions { MostBodyBytes = 100_000 });
        var good = await File.ReadAllBytesAsync(TektonStream.Names("run-t1m3o-timeout").First(), Stop);

        Assert.Equal(HttpStatusCode.Accepted, await PostZippedAsync(host, Zip(good)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostZippedAsync(host, Zip(new byte[50_000_000])));
        Assert.Equal(HttpStatusCode.BadRequest, await PostZippedAsync(host, good));
    }

    [Fact]
    public async Task Too_large_a_body_is_refused_whether_it_says_its_length_or_not()
    {
        await using var host = await PipelinesHost.StartAsync(new HookOptions { MostBodyBytes = 1000 });
        using var known = await host.Client.PostAsync("/hooks/tekton", new ByteArrayContent(new byte[1001]), Stop);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hooks/tekton") { Content = new StreamContent(new MemoryStream(new byte[5000])) };
        request.Headers.TransferEncodingChunked = true;
        using var unknown = await host.Client.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, known.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, unknown.StatusCode);
    }

    [Fact]
    public async Task What_cannot_be_made_durable_is_not_acknowledged()
    {
        await using var host = await PipelinesHost.StartAsync();
        host.Bench.Log.Fails = true;
        var body = await File.ReadAllBytesAsync(TektonStream.Names("run-t1m3o-timeout").First(), Stop);

        using var answer = await host.Client.PostAsync("/hooks/tekton", new ByteArrayContent(body), Stop);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Empty(host.Bench.Tracker.NewestFirst());
        Assert.Contains("send it again", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_senders_get_401_and_nothing_is_stored()
    {
        await using var host = await PipelinesHost.StartAsync(new HookOptions { Secrets = _ => ["s3cret"] });
        var body = await File.ReadAllBytesAsync(TektonStream.Names("run-t1m3o-timeout").First(), Stop);

        using var without = await host.Client.PostAsync("/hooks/tekton", new ByteArrayContent(body), Stop);
        using var with = await host.Client.PostAsync("/hooks/tekton?token=s3cret", new ByteArrayContent(body), Stop);

        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, with.StatusCode);
        Assert.Single(host.Bench.Log.Facts);
    }

    [Fact]
    public async Task A_request_that_breaks_off_stops_nothing()
    {
        await using var host = await PipelinesHost.StartAsync();
        using (var socket = new TcpClient("127.0.0.1", host.Client.BaseAddress!.Port))
        {
            await socket.GetStream().WriteAsync(
                Encoding.ASCII.GetBytes("POST /hooks/tekton HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{\"task"), Stop);
        }

        using var answer = await host.Client.PostAsync("/hooks/tekton", new StringContent("{"), Stop);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static async Task<HttpStatusCode> PostZippedAsync(PipelinesHost host, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentEncoding.Add("gzip");
        using var answer = await host.Client.PostAsync("/hooks/tekton", content, Stop);
        return answer.StatusCode;
    }

    private static byte[] Zip(byte[] bytes)
    {
        using var zipped = new MemoryStream();
        using (var zip = new GZipStream(zipped, CompressionLevel.Fastest))
        {
            zip.Write(bytes);
        }

        return zipped.ToArray();
    }
}
