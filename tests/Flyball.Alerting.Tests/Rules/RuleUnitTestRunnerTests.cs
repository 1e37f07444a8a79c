using Flyball.Alerting.Rules.Files;
using Flyball.Alerting.Rules.Testing;
using Flyball.Durable.Files;
using Flyball.PromQL;
using Flyball.Testing;

namespace Flyball.Alerting.Tests.Rules;

/// <summary>promtool's own tests of its rule commands: the same verdicts.</summary>
public sealed class RuleUnitTestRunnerTests
{
    [Theory]
    [InlineData("unittest.yml", true)]
    [InlineData("long-period.yml", true)]
    [InlineData("no-test-group-interval.yml", true)]
    [InlineData("start-time-test.yml", true)]
    [InlineData("at-modifier-test.yml", true)]
    [InlineData("negative-offset-test.yml", true)]
    [InlineData("bad-input-series.yml", false)]
    [InlineData("bad-promql.yml", false)]
    [InlineData("bad-rules-syntax-test.yml", false)]
    [InlineData("bad-rules-error-test.yml", false)]
    [InlineData("failing.yml", false)]
    [InlineData("rules_run.yml", false)]
    [InlineData("rules_run.yml", true, "correct")]
    [InlineData("rules_run.yml", false, "wrong")]
    [InlineData("rules_run.yml", false, "correct", "wrong")]
    [InlineData("rules_run_extrafields.yml", false)]
    [InlineData("rules_run_no_fuzzy.yml", false)]
    [InlineData("rules_run_fuzzy.yml", true, "correct")]
    [InlineData("rules_run_fuzzy.yml", false, "wrong")]
    public async Task Verdicts_are_promtools(string file, bool passes, params string[] run)
    {
        var report = await RunAsync(file, new RuleUnitTestOptions { Run = run });
        Assert.True(passes == (report.Failed == 0), string.Join('\n', report.Messages));
        Assert.Equal(report.Failed == 0, report.Messages.Count == 0);
    }

    [Fact]
    public async Task Unknown_keys_may_be_passed_over() =>
        Assert.Equal(0, (await RunAsync("rules_run_extrafields.yml", new RuleUnitTestOptions { IgnoreUnknownKeys = true })).Failed);

    [Theory]
    [InlineData("rules.yml", true)]
    [InlineData("rules-bad.yml", false)]
    [InlineData("rules_duplicates.yml", true, "job:test:count_over_time1m", "job:test:count_over_time1m")]
    [InlineData("rules_extrafields.yml", false)]
    [InlineData("prometheus-rules.lint.yml", true, "HighRequestLatency")]
    [InlineData("features.yml", false)]
    public void Files_are_checked_as_promtool_checks_them(string file, bool isGood, params string[] duplicates)
    {
        var report = Check(file, new RuleFileOptions());
        Assert.True(isGood == (report.Problems.Count == 0), string.Join('\n', report.Problems));
        Assert.Equal(duplicates.Length, report.Duplicates.Count);
        Assert.All(duplicates.Zip(report.Duplicates), p => Assert.Contains(p.First, p.Second.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Features_and_unknown_keys_can_be_allowed()
    {
        Assert.Empty(Check("features.yml", new RuleFileOptions { Features = PromQLFeatures.All }).Problems);
        Assert.Empty(Check("rules_extrafields.yml", new RuleFileOptions { IgnoreUnknownKeys = true }).Problems);
    }

    private static RuleFileReport Check(string file, RuleFileOptions options)
    {
        var path = SharedData.Require("conformance/rules/promtool/" + file);
        return RuleFileChecker.Check(path, File.ReadAllText(path), options);
    }

    private static Task<RuleUnitTestReport> RunAsync(string file, RuleUnitTestOptions options) =>
        new RuleUnitTestRunner(PhysicalFileSystem.Instance, TimeProvider.System)
            .RunAsync(SharedData.Require("conformance/rules/promtool/" + file), options, TestContext.Current.CancellationToken);
}
