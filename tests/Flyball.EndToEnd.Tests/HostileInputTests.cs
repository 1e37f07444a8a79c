using System.Net.Sockets;
using System.Text;
using Flyball.EndToEnd.Tests.Support;

namespace Flyball.EndToEnd.Tests;

/// <summary>Truncated, oversized, non-UTF-8 and random bytes on every listening port: an error, never a crash or a hang.</summary>
public sealed class HostileInputTests
{
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Every_port_survives_whatever_is_sent_to_it()
    {
        var token = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        await using var server = new FlyballProcess(folder.Path, "host: {enabled: false}\n");
        await server.StartAsync(token);
        var random = new Random(7);
        foreach (var port in (int[])[server.Http, server.OtlpHttp, server.OtlpGrpc])
        {
            foreach (var bytes in Hostile(random))
            {
                await SendAsync(port, bytes, token);
                Assert.False(server.HasExited, $"the server ended (code {(server.HasExited ? server.ExitCode : 0)}) after {bytes.Length} bytes on port {port}:\n{server.Output}");
            }
        }

        using var response = await server.Client.GetAsync("/-/ready", token);
        Assert.True(response.IsSuccessStatusCode);
        await server.StopAsync(token);
        Assert.Equal(0, server.ExitCode);
    }

    [Theory]
    [InlineData("/v1/traces", "application/json")]
    [InlineData("/v1/traces", "application/x-protobuf")]
    [InlineData("/hooks/tekton", "application/json")]
    [InlineData("/hooks/step", "application/json")]
    [InlineData("/api/v1/query", "application/x-www-form-urlencoded")]
    public async Task Bodies_that_make_no_sense_are_answered_with_4xx(string path, string contentType)
    {
        var token = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        await using var server = new FlyballProcess(folder.Path, "host: {enabled: false}\n");
        await server.StartAsync(token);
        var random = new Random(11);
        foreach (var bytes in Hostile(random).Append([]).Append("{"u8.ToArray()).Append("query=\xff\xfe%zz"u8.ToArray()))
        {
            using var content = new ByteArrayContent(bytes);
            content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue(contentType);
            using var response = await server.Client.PostAsync(path, content, token);
            var status = (int)response.StatusCode;
            Assert.True(status is >= 200 and < 500, $"{path} answers {status} to {bytes.Length} hostile bytes");
        }

        Assert.False(server.HasExited);
    }

    private static IEnumerable<byte[]> Hostile(Random random)
    {
        for (var i = 0; i < 12; i++)
        {
            var bytes = new byte[random.Next(1, 4000)];
            random.NextBytes(bytes);
            yield return bytes;
        }

        yield return "GET / HTTP/1.1\r\n"u8.ToArray();
        yield return Encoding.ASCII.GetBytes("GET /" + new string('a', 100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
        yield return "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"resourceSp"u8.ToArray();
        yield return "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{}"u8.ToArray();
        yield return "POST /hooks/tekton HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"u8.ToArray();
        yield return [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00];
        yield return new byte[70_000];
    }

    private static async Task SendAsync(int port, byte[] bytes, CancellationToken token)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, token);
        var stream = client.GetStream();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(token);
        patience.CancelAfter(AnswerPatience);
        try
        {
            await stream.WriteAsync(bytes, patience.Token);
            client.Client.Shutdown(SocketShutdown.Send);
            var buffer = new byte[4096];
            while (await stream.ReadAsync(buffer, patience.Token) > 0)
            {
                // Whatever the answer is: it ends.
            }
        }
        catch (IOException)
        {
            // A closed connection is an answer too.
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            Assert.Fail($"port {port} neither answers nor closes within {AnswerPatience.TotalSeconds:0} s after {bytes.Length} bytes");
        }
    }
}
