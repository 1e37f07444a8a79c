using System.Net;
using System.Text.Json;
using Flyball.Server.Tests.Support;

namespace Flyball.Server.Tests.PrometheusApi;

/// <summary><c>explain=1</c> and <c>stats=all</c> of the query endpoints.</summary>
public sealed class ExplainTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Queries_tell_their_plan_and_samples_per_step_when_asked()
    {
        await using var running = await RunningServer.StartAsync("host: {enabled: false, interval: 1h}\n");
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        using var written = await running.Client.PostAsync(
            "/api/v1/write", WriteRequests.Of(("jobs_running", (now - 60) * 1000, 3), ("jobs_waiting", (now - 60) * 1000, 4)), Token);
        Assert.Equal(HttpStatusCode.NoContent, written.StatusCode);

        var range = $"/api/v1/query_range?query=sum(jobs_running)&start={now - 60}&end={now}&step=30";
        var plain = await DataAsync(running, range);
        Assert.False(plain.TryGetProperty("explain", out _));
        var data = await DataAsync(running, range + "&explain=1&stats=all");
        Assert.Equal(plain.GetProperty("result").GetRawText(), data.GetProperty("result").GetRawText());
        var plan = data.GetProperty("explain");
        Assert.Equal("sum", plan.GetProperty("operator").GetString());
        var selector = Assert.Single(plan.GetProperty("children").EnumerateArray());
        Assert.Equal("jobs_running", selector.GetProperty("expression").GetString());
        Assert.Equal((1, 3), (selector.GetProperty("seriesOut").GetInt32(), selector.GetProperty("samplesTouched").GetInt32()));
        Assert.Equal((0, 1), (plan.GetProperty("pagesRead").GetInt32(), selector.GetProperty("pagesRead").GetInt32()));
        Assert.True(plan.GetProperty("inclusiveSeconds").GetDouble() >= selector.GetProperty("exclusiveSeconds").GetDouble());
        var samples = data.GetProperty("stats").GetProperty("samples");
        Assert.Equal($"[[{now - 60},1],[{now - 30},1],[{now},1]]", samples.GetProperty("totalQueryableSamplesPerStep").GetRawText());
        Assert.Equal(3, samples.GetProperty("totalQueryableSamples").GetInt32());

        var instant = await DataAsync(running, $"/api/v1/query?query=jobs_runing&time={now}&explain=true&stats=true");
        Assert.Contains("did you mean \"jobs_running\"?", instant.GetProperty("explain").GetProperty("suggestion").GetString(), StringComparison.Ordinal);
        Assert.False(instant.GetProperty("stats").GetProperty("samples").TryGetProperty("totalQueryableSamplesPerStep", out _));
    }

    private static async Task<JsonElement> DataAsync(RunningServer running, string path)
    {
        var (status, body) = await running.GetAsync(path);
        Assert.Equal(200, status);
        return body.GetProperty("data");
    }
}
