using System.Net;
using Flyball.Model.Time;
using Flyball.Server.Configuration;
using Flyball.Server.Tests.Support;
using Flyball.Testing;

namespace Flyball.Server.Tests;

/// <summary>How many results of tests are kept and for how long, from the configuration file to what the API still knows.</summary>
public sealed class TestRetentionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Beyond_the_executions_that_may_be_kept_the_oldest_reports_go()
    {
        await using var running = await RunningServer.StartAsync("host: {enabled: false}\nruns: {tests: {executions: 4}}\n");
        foreach (var commit in (string[])["c1", "c2", "c3"])
        {
            await ReportAsync(running, commit);
        }

        Assert.Equal(["c3", "c2"], await CommitsAsync(running));
    }

    [Fact]
    public async Task Reports_go_when_they_are_older_than_the_file_says()
    {
        var clock = new TestClock();
        await using var running = await RunningServer.StartAsync(
            "host: {enabled: false}\nruns: {tests: {time: 1h}}\n", options => options with { Time = clock });
        await ReportAsync(running, "c1");
        clock.StepWallClock(TimeSpan.FromMinutes(40));
        await ReportAsync(running, "c2");
        Assert.Equal(["c2", "c1"], await CommitsAsync(running));

        clock.StepWallClock(TimeSpan.FromMinutes(40));
        await ReportAsync(running, "c3");

        Assert.Equal(["c3", "c2"], await CommitsAsync(running));
    }

    [Theory]
    [InlineData("", 90 * 24, 3_000_000)]
    [InlineData("runs: {tests: {}}", 90 * 24, 3_000_000)]
    [InlineData("runs: {tests: {executions: 5}}", 90 * 24, 5)]
    [InlineData("runs: {tests: {time: 36h, executions: 100000000}}", 36, 100_000_000)]
    [InlineData("runs: {tests: {time: 0s}}", 0, 3_000_000)]
    public void Each_limit_has_a_value_where_the_file_is_silent(string text, int hours, int executions)
    {
        var runs = ConfigLoader.Load("flyball.yml", "host: {enabled: false}\n" + text, "/").Config!.Runs;

        Assert.Equal((DurationMs.FromSeconds(hours * 3600L), executions), (runs.KeepTestsFor, runs.MostExecutions));
    }

    [Theory]
    [InlineData("executions: 0", "must lie between 1 and 100000000")]
    [InlineData("executions: 100000001", "must lie between 1 and 100000000")]
    [InlineData("executions: many", "write a whole number")]
    [InlineData("time: soon", "soon")]
    [InlineData("tim: 1h", "did you mean \"time\"")]
    public void Mistakes_are_named(string entry, string message) => Assert.Contains(
        message, Assert.Single(ConfigLoader.Load("flyball.yml", $"runs:\n  tests: {{{entry}}}\n", "/").Problems).ToString(), StringComparison.Ordinal);

    private static async Task ReportAsync(RunningServer running, string commit)
    {
        using var report = new StringContent(
            """<testsuite name="shop"><testcase classname="Cart" name="adds"/><testcase classname="Cart" name="removes"/></testsuite>""");
        using var answer = await running.Client.PostAsync("/api/flyball/tests/junit?commit=" + commit, report, Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<string[]> CommitsAsync(RunningServer running)
    {
        var (_, answer) = await running.GetAsync("/api/flyball/tests/history?name=adds");
        return [.. answer.GetProperty("executions").EnumerateArray().Select(e => e.GetProperty("commit").GetString()!)];
    }
}
