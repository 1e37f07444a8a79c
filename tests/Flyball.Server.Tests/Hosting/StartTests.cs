using System.Net;
using System.Net.Sockets;
using Flyball.Server.Hosting;
using Flyball.Server.Tests.Support;
using Flyball.Testing.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Server.Tests.Hosting;

/// <summary>What a server answers while it reads its log back.</summary>
public sealed class StartTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_log_is_read_back_the_server_is_alive_not_ready_and_says_how_far_it_is()
    {
        var folder = Directory.CreateTempSubdirectory("flyball-start-");
        using var disk = new GatedFileSystem(new FaultyFileSystem());
        try
        {
            var options = new ServerOptions
            {
                DataDirectory = folder.FullName,
                Listen = new ListenAddress(IPAddress.Loopback, FreePort()),
                OtlpGrpc = "none",
                OtlpHttp = "none",
                MetricsFiles = disk,
            };
            await WriteSomethingAsync(options);
            disk.Close();
            var starting = FlyballServer.StartAsync(options, NullLoggerFactory.Instance, Token);
            await disk.Waiting.WaitAsync(Token);
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{options.Listen.Port}") };

            await AssertAnswerAsync(client, "/-/healthy", HttpStatusCode.OK, "Prometheus Server is Healthy.");
            await AssertAnswerAsync(client, "/-/ready", HttpStatusCode.ServiceUnavailable, "replaying the metrics log, 0 % of 1 MiB");
            await AssertAnswerAsync(client, "/api/v1/query?query=up", HttpStatusCode.ServiceUnavailable, "\"errorType\":\"unavailable\"");
            await AssertAnswerAsync(client, "/api/v1/status/walreplay", HttpStatusCode.OK, "\"state\":\"in progress\"");
            await AssertAnswerAsync(client, "/api/flyball/runs", HttpStatusCode.ServiceUnavailable, "not ready yet: replaying");
            using var write = await client.PostAsync("/api/v1/write", new ByteArrayContent([0]), Token);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, write.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(1), write.Headers.RetryAfter?.Delta);

            disk.Release();
            await using var server = await starting;
            await AssertAnswerAsync(client, "/-/ready", HttpStatusCode.OK, "Prometheus Server is Ready.");
            await AssertAnswerAsync(client, "/api/v1/status/walreplay", HttpStatusCode.OK, "\"state\":\"done\"");
            await AssertAnswerAsync(client, "/api/v1/query?query=a", HttpStatusCode.OK, "\"7\"");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task WriteSomethingAsync(ServerOptions options)
    {
        await using var server = await FlyballServer.StartAsync(options, NullLoggerFactory.Instance, Token);
        using var client = new HttpClient { BaseAddress = server.Address };
        using var answer = await client.PostAsync("/api/v1/write", WriteRequests.Of(("a", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), 7)), Token);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    private static async Task AssertAnswerAsync(HttpClient client, string path, HttpStatusCode status, string text)
    {
        using var response = await client.GetAsync(path, Token);
        var body = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.StatusCode == status, $"{path}: {response.StatusCode} {body}");
        Assert.Contains(text, body, StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
