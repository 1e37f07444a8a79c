using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Pipelines.TestReports;
using Flyball.Pipelines.VirtualSeries;
using Flyball.Testing;
using Flyball.Testing.Files;

namespace Flyball.Pipelines.Tests.TestReports;

public sealed class TestResultsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_test_that_held_and_failed_at_one_commit_is_flaky_and_one_that_failed_at_each_is_not()
    {
        await using var results = Open(new FaultyFileSystem());
        await AddAsync(results, "c1", ("flaky", TestVerdict.Failed), ("broken", TestVerdict.Failed), ("good", TestVerdict.Passed));
        await AddAsync(results, "c1", ("flaky", TestVerdict.Passed), ("broken", TestVerdict.Failed), ("good", TestVerdict.Passed));
        await AddAsync(results, "c2", ("flaky", TestVerdict.Passed), ("broken", TestVerdict.Error), ("good", TestVerdict.Skipped));
        await AddAsync(results, "c3", ("flaky", TestVerdict.Flaky), ("broken", TestVerdict.Passed), ("good", TestVerdict.Passed));

        var of = results.Histories(_ => true, Stop).ToDictionary(h => h.Test.Name);

        Assert.Equal((2, 2, 1.0), (of["flaky"].MixedCommits, of["flaky"].JudgedCommits, of["flaky"].Flakiness));
        Assert.Equal((0, 2, 0.0), (of["broken"].MixedCommits, of["broken"].JudgedCommits, of["broken"].Flakiness));
        Assert.Equal((0, 1, 1), (of["good"].MixedCommits, of["good"].JudgedCommits, of["good"].Skipped));
        Assert.Equal((4, 1), (of["flaky"].Executions, of["flaky"].Failures));
        Assert.Equal("boom", of["broken"].LastMessage);
    }

    // The bounds of R's binom.confint(method = "wilson") at 1.96.
    [Theory]
    [InlineData(1, 1, 0.2065)]
    [InlineData(1, 2, 0.0945)]
    [InlineData(5, 10, 0.2366)]
    [InlineData(50, 100, 0.4038)]
    public async Task Few_observations_say_less_than_many(int mixed, int judged, double atLeast)
    {
        await using var results = Open(new FaultyFileSystem());
        for (var i = 0; i < judged; i++)
        {
            await AddAsync(results, $"c{i}", ("a", i < mixed ? TestVerdict.Flaky : TestVerdict.Failed));
        }

        Assert.Equal(atLeast, results.Histories(_ => true, Stop)[0].FlakinessAtLeast, 0.0001);
    }

    [Fact]
    public async Task What_was_acknowledged_survives_a_power_cut_at_any_operation()
    {
        var story = new FaultyFileSystem();
        await UntilCrashAsync(story);
        for (long n = 1; n <= story.Operations; n++)
        {
            var files = new FaultyFileSystem();
            files.CrashAtOperation(n);
            var acknowledged = await UntilCrashAsync(files);
            files.Restart(powerLost: true);

            await using var results = Open(files);

            Assert.InRange(results.Reports().Length, acknowledged, 5);
        }
    }

    [Fact]
    public async Task The_oldest_reports_go_when_there_are_too_many_executions_or_they_are_too_old()
    {
        var clock = new TestClock();
        await using var results = TestResults.Open(
            new TestResultsOptions { Directory = "/tests", MostExecutions = 10, KeepFor = TimeSpan.FromDays(1) }, new FaultyFileSystem(), clock, log: null);
        for (var i = 0; i < 20; i++)
        {
            await results.AddAsync(Report($"c{i}", clock, [("a", TestVerdict.Passed)]), Stop);
        }

        Assert.Equal(10, results.Executions);
        Assert.Equal("c10", results.Reports()[0].Report.Commit);
        clock.Advance(TimeSpan.FromDays(2));
        await results.AddAsync(Report("c20", clock, [("a", TestVerdict.Passed)]), Stop);
        Assert.Equal(1, results.Executions);
    }

    [Fact]
    public async Task Executions_are_series_with_every_label()
    {
        await using var results = Open(new FaultyFileSystem());
        await AddAsync(results, "c1", ("a", TestVerdict.Failed), ("b", TestVerdict.Skipped), ("a", TestVerdict.Passed));
        var source = new TestSeriesSource(results);
        var query = new SeriesQuery(TimeRange.All, [new Matcher(MatchOp.Equal, "__name__", "ci_test_failed"), new Matcher(MatchOp.Equal, "commit", "c1")]);

        using var selection = source.Select(query, Stop);
        using var samples = new SampleColumns();
        selection.Read(0, samples, Stop);

        Assert.Equal(2, selection.Count);
        Assert.Equal(
            """ci_test_failed{attempt="1", branch="main", class="k", commit="c1", pipeline="shop", result="failed", suite="s", test="a"}""",
            selection.Labels(0).ToString());
        Assert.Equal([1.0], samples.Values.ToArray());
        Assert.Equal(["failed", "passed"], source.LabelValues("result", query, Stop));
        Assert.Contains("suite", source.LabelNames(query, Stop));
    }

    private static TestResults Open(FaultyFileSystem files) =>
        TestResults.Open(new TestResultsOptions { Directory = "/tests", KeepFor = TimeSpan.Zero }, files, new TestClock(), log: null);

    private static ValueTask AddAsync(TestResults results, string commit, params (string Name, TestVerdict Result)[] cases) =>
        results.AddAsync(Report(commit, new TestClock(), cases), Stop);

    private static TestReport Report(string commit, TestClock clock, (string Name, TestVerdict Result)[] cases) => new()
    {
        At = TimestampNs.Now(clock),
        Commit = commit,
        Branch = "main",
        Pipeline = "shop",
        Cases = [.. cases.Select(c => new TestCase(new TestIdentity("s", "k", c.Name, ""), c.Result, 0.5, c.Result.IsBad() ? "boom" : ""))],
    };

    private static async Task<int> UntilCrashAsync(FaultyFileSystem files)
    {
        var acknowledged = 0;
        try
        {
            await using var results = Open(files);
            for (; acknowledged < 5; acknowledged++)
            {
                await AddAsync(results, $"c{acknowledged}", ("a", TestVerdict.Passed));
            }
        }
        catch (IOException)
        {
        }

        return acknowledged;
    }
}
