using System.Diagnostics;
using System.Net;
using System.Text;
using Flyball.Server.Hosting;
using Flyball.Server.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Server.Tests;

public sealed class FlyballServerTests
{
    [Fact]
    public async Task Bad_configuration_leaves_the_one_in_force_and_says_so_in_api_and_metric()
    {
        await using var running = await RunningServer.StartAsync("scrape_configs: [{job_name: one}]\nhost: {enabled: false}\n");
        await File.WriteAllTextAsync(running.ConfigFile, "scrape_confgs: []\n", TestContext.Current.CancellationToken);

        using var refused = await running.Client.PostAsync("/-/reload", content: null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);
        var text = await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("flyball.yml:1:1: ", text, StringComparison.Ordinal);
        Assert.Contains("did you mean \"scrape_configs\"?", text, StringComparison.Ordinal);

        var status = (await running.GetAsync("/api/flyball/status")).Body.GetProperty("config");
        Assert.False(status.GetProperty("ok").GetBoolean());
        Assert.Contains("scrape_confgs", status.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains("prometheus_config_last_reload_successful 0", await MetricsAsync(running), StringComparison.Ordinal);
        var pools = (await running.GetAsync("/api/v1/scrape_pools")).Body.GetProperty("data").GetProperty("scrapePools");
        Assert.Contains("one", pools.ToString(), StringComparison.Ordinal);

        await File.WriteAllTextAsync(running.ConfigFile, "scrape_configs: [{job_name: two}]\n", TestContext.Current.CancellationToken);
        using var accepted = await running.Client.PostAsync("/-/reload", content: null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        Assert.Contains("prometheus_config_last_reload_successful 1", await MetricsAsync(running), StringComparison.Ordinal);
        pools = (await running.GetAsync("/api/v1/scrape_pools")).Body.GetProperty("data").GetProperty("scrapePools");
        Assert.Contains("two", pools.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("one", pools.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listening_beyond_loopback_without_access_control_is_refused()
    {
        var options = new ServerOptions
        {
            DataDirectory = Path.Combine(Path.GetTempPath(), "flyball-never-made"),
            Listen = new ListenAddress(IPAddress.Any, 0),
        };
        var refusal = await Assert.ThrowsAsync<ServerStartException>(
            () => FlyballServer.StartAsync(options, NullLoggerFactory.Instance, TestContext.Current.CancellationToken));
        Assert.Contains("--insecure", refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(options.DataDirectory));
    }

    [Fact]
    public async Task Configured_job_may_carry_the_name_of_a_built_in_one()
    {
        await using var running = await RunningServer.StartAsync(
            "scrape_configs: [{job_name: flyball, static_configs: [{targets: ['127.0.0.1:1']}]}]\nhost: {enabled: false}\n");
        Assert.Equal(200, (await running.GetAsync("/api/v1/targets")).Status);
    }

    [Fact]
    public async Task Promtool_queries_what_otlp_and_pushes_brought()
    {
        if (!File.Exists("/usr/bin/promtool"))
        {
            Assert.Skip("promtool is not installed (apt-get install prometheus); the real client did not query");
        }

        await using var running = await RunningServer.StartAsync("global: {scrape_interval: 100ms}\nhost: {enabled: false}\n");
        using var body = new StringContent("nightly_seconds 42\n", Encoding.UTF8, "text/plain");
        using var pushed = await running.Client.PutAsync("/metrics/job/backup", body, TestContext.Current.CancellationToken);
        Assert.True(pushed.IsSuccessStatusCode, await pushed.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var watch = Stopwatch.StartNew();
        string output;
        do
        {
            output = await PromtoolAsync("query", "instant", running.Server.Address.ToString(), "nightly_seconds");
        }
        while (output.Length == 0 && watch.Elapsed < TimeSpan.FromSeconds(20));

        Assert.StartsWith("nightly_seconds{job=\"backup\"} => 42 @[", output, StringComparison.Ordinal);
        Assert.Contains("backup", await PromtoolAsync("query", "labels", running.Server.Address.ToString(), "job"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleted_series_are_gone_and_a_snapshot_has_a_name()
    {
        await using var running = await RunningServer.StartAsync("global: {scrape_interval: 100ms}\nhost: {enabled: false}\n");
        var selector = Uri.EscapeDataString("up{job=\"flyball\"}");
        while ((await running.GetAsync($"/api/v1/series?match[]={selector}")).Body.GetProperty("data").GetArrayLength() == 0)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        using var snapshot = await running.Client.PostAsync("/api/v1/admin/tsdb/snapshot", content: null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, snapshot.StatusCode);
        using var nothing = await running.Client.PostAsync("/api/v1/admin/tsdb/delete_series", content: null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, nothing.StatusCode);
        var before = (await running.GetAsync($"/api/v1/query?query={selector}[1h]")).Body;
        var oldest = before.GetProperty("data").GetProperty("result")[0].GetProperty("values")[0][0].GetDouble();
        using var deleted = await running.Client.PostAsync(
            $"/api/v1/admin/tsdb/delete_series?match[]={selector}&end={oldest.ToString("0.000")}", content: null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        var after = (await running.GetAsync($"/api/v1/query?query={selector}[1h]")).Body;
        Assert.All(
            after.GetProperty("data").GetProperty("result").EnumerateArray().SelectMany(s => s.GetProperty("values").EnumerateArray()),
            point => Assert.True(point[0].GetDouble() > oldest));
    }

    [Fact]
    public async Task Unknown_api_path_is_404_and_a_console_path_is_a_page()
    {
        await using var running = await RunningServer.StartAsync();
        using var unknown = await running.Client.GetAsync("/api/v1/nope", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    private static async Task<string> MetricsAsync(RunningServer running) =>
        await running.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

    private static async Task<string> PromtoolAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/promtool") { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output.Trim();
    }
}
