using System.Net;
using System.Text;
using Flyball.Server.Tests.Support;
using Flyball.Testing.Files;

namespace Flyball.Server.Tests;

/// <summary>A disk that is full or read-only, seen from the doors of the server.</summary>
public sealed class DiskTroubleTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Writes_are_refused_with_a_reason_while_reads_go_on_and_space_brings_them_back_without_a_restart(bool readOnly)
    {
        var disk = new FaultyFileSystem();
        await using var running = await RunningServer.StartAsync("host: {enabled: false}\n", o => o with { MetricsFiles = disk });
        Assert.Equal(HttpStatusCode.NoContent, (await WriteAsync(running, "before")).Status);

        disk.ReadOnly = readOnly;
        disk.Capacity = readOnly ? long.MaxValue : 1;
        var reason = readOnly ? "read-only" : "no space left";
        var (status, text) = await WriteAsync(running, "lost");
        Assert.True((int)status >= 500, $"{status}");
        Assert.Contains(reason, text, StringComparison.Ordinal);
        (status, text) = await SendOtlpAsync(running);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains(reason, text, StringComparison.Ordinal);
        Assert.Equal(["before"], await NamesAsync(running));

        disk.ReadOnly = false;
        disk.Capacity = long.MaxValue;
        Assert.Equal(HttpStatusCode.NoContent, (await WriteAsync(running, "after")).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendOtlpAsync(running)).Status);
        Assert.Equal(["after", "before", "otlp"], await NamesAsync(running));
    }

    [Fact]
    public async Task Scraping_goes_on_by_itself_when_space_returns()
    {
        var disk = new FaultyFileSystem { Capacity = 1 };
        await using var running = await RunningServer.StartAsync(
            "global: {scrape_interval: 50ms, scrape_timeout: 50ms}\nhost: {enabled: false}\nscrape_configs: [{job_name: j, static_configs: [{targets: ['127.0.0.1:1']}]}]\n", o => o with { MetricsFiles = disk });
        await UntilAsync(async () => (await MetricAsync(running, "flyball_scrape_storage_failures_total")) > 0);
        Assert.Empty(await NamesAsync(running, "?match[]={__name__!=\"\"}"));
        disk.Capacity = long.MaxValue;
        await UntilAsync(async () => (await NamesAsync(running, "?match[]={__name__!=\"\"}")).Contains("up"));
    }

    private static async Task<(HttpStatusCode Status, string Text)> WriteAsync(RunningServer running, string name)
    {
        using var answer = await running.Client.PostAsync("/api/v1/write", WriteRequests.Of((name, Now, 1)), Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    private static async Task<(HttpStatusCode Status, string Text)> SendOtlpAsync(RunningServer running)
    {
        var json = $$$"""
            {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"otlp","gauge":{"dataPoints":[{"asDouble":1,"timeUnixNano":"{{{Now}}}000000"}]}}]}]}]}
            """;
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await running.Client.PostAsync("/v1/metrics", body, Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    // Of series without the label job, so that what the server scrapes of itself stays out; or of all.
    private static async Task<List<string>> NamesAsync(RunningServer running, string match = "?match[]={job=\"\",__name__!=\"\"}")
    {
        var (_, body) = await running.GetAsync("/api/v1/label/__name__/values" + match);
        return [.. body.GetProperty("data").EnumerateArray().Select(n => n.GetString()!)];
    }

    private static async Task<double> MetricAsync(RunningServer running, string name)
    {
        var page = await running.Client.GetStringAsync("/metrics", Token);
        return page.Split('\n').Where(l => l.StartsWith(name, StringComparison.Ordinal)).Sum(l => double.Parse(l[(l.LastIndexOf(' ') + 1)..]));
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
        {
            await Task.Delay(20, Token);
        }
    }
}
