using System.Diagnostics;
using System.Net;
using Flyball.Ingest.Api;
using Flyball.Ingest.Tests.Scraping;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Flyball.Ingest.Tests.RemoteWrite;

/// <summary>The real Prometheus scrapes a target and forwards to our receiver.</summary>
public sealed class RealSenderTests
{
    private const string Prometheus = "/usr/bin/prometheus";

    [Fact]
    public async Task What_Prometheus_forwards_is_what_the_target_exposed()
    {
        Assert.SkipUnless(File.Exists(Prometheus), $"{Prometheus} is not installed (Debian package prometheus); nothing was checked");
        var folder = Directory.CreateTempSubdirectory("flyball-sender-");
        var sink = new RecordingSink();
        await using var target = await ScrapeServer.StartAsync(() => "# TYPE a counter\na{x=\"1\"} 42\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 3\n");
        await using var receiver = await StartReceiverAsync(sink);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "prometheus.yml"), $$"""
            global: {scrape_interval: 200ms, scrape_timeout: 200ms}
            scrape_configs: [{job_name: shop, static_configs: [{targets: ["{{target.Address}}"] } ] } ]
            remote_write: [{url: '{{receiver.Urls.First()}}/api/v1/write', queue_config: {batch_send_deadline: 100ms} } ]
            """, TestContext.Current.CancellationToken);
        using var prometheus = Start(folder.FullName);
        try
        {
            var seen = new Dictionary<string, double>();
            while (!seen.ContainsKey(Series("a", target, ", x=\"1\"")) || !seen.ContainsKey(Series("up", target, "")))
            {
                foreach (var stored in await sink.NextAsync())
                {
                    seen[stored.Series] = stored.Value;
                }
            }

            Assert.Equal(42, seen[Series("a", target, ", x=\"1\"")]);
            Assert.Equal(1, seen[Series("up", target, "")]);
        }
        finally
        {
            prometheus.Kill();
            await prometheus.WaitForExitAsync(TestContext.Current.CancellationToken);
            folder.Delete(recursive: true);
        }
    }

    private static string Series(string name, ScrapeServer target, string more) => $"{name}{{instance=\"{target.Address}\", job=\"shop\"{more}}}";

    private static async Task<WebApplication> StartReceiverAsync(RecordingSink sink)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(o => o.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapRemoteWrite(sink, TimeProvider.System);
        await app.StartAsync();
        return app;
    }

    private static Process Start(string folder) => Process.Start(new ProcessStartInfo(Prometheus)
    {
        ArgumentList =
        {
            $"--config.file={folder}/prometheus.yml", $"--storage.tsdb.path={folder}/data", "--web.listen-address=127.0.0.1:0", "--log.level=error",
        },
    })!;
}
