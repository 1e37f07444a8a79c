using System.Net;
using Flyball.Server.Tests.Support;

namespace Flyball.Server.Tests;

/// <summary>Limits on series, from the configuration file to the answer a sender gets.</summary>
public sealed class SeriesLimitTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    [Fact]
    public async Task A_series_too_many_is_refused_named_and_counted_while_the_rest_of_its_request_is_stored()
    {
        await using var running = await RunningServer.StartAsync(
            "host: {enabled: false, interval: 1h}\nstorage: {limits: {max_series: 2}}\n");
        Assert.Equal((HttpStatusCode.NoContent, ""), await WriteAsync(running, ("a", Now, 1), ("b", Now, 1)));

        var (status, text) = await WriteAsync(running, ("a", Now + 1, 2), ("c", Now + 1, 2));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("the store holds 2 series, which is storage.limits.max_series; raise it or send fewer for series c", text, StringComparison.Ordinal);
        Assert.Contains(
            "flyball_metrics_refused_samples_total{reason=\"max_series\"} 1",
            await running.Client.GetStringAsync("/metrics", Token),
            StringComparison.Ordinal);
        var (_, answer) = await running.GetAsync("/api/v1/query?query=a&time=" + ((Now / 1000) + 2));
        Assert.Equal("2", answer.GetProperty("data").GetProperty("result")[0].GetProperty("value")[1].GetString());

        var (_, tsdb) = await running.GetAsync("/api/v1/status/tsdb");
        Assert.Equal(0, tsdb.GetProperty("data").GetProperty("churn").GetProperty("ended").GetInt64());
    }

    private static async Task<(HttpStatusCode Status, string Text)> WriteAsync(RunningServer running, params (string Name, long At, double Value)[] samples)
    {
        using var answer = await running.Client.PostAsync("/api/v1/write", WriteRequests.Of(samples), Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }
}
