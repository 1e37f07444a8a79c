using Flyball.Actions.Configuration;
using Flyball.Actions.Tests.Policy;
using Flyball.Configuration;
using Flyball.Model.Labels;

namespace Flyball.Actions.Tests.Configuration;

public sealed class ActionsConfigReaderTests
{
    private const string Good = """
        actions:
          - name: rerun-task
            command:
              argv: ["./rerun.sh", "{{ .Labels.run_id }}"]
              timeout: 2m
              env: {TOKEN: abc}
              working_dir: scripts
          - name: roll-back
            http: {url: "http://127.0.0.1:9999/rollback", headers: {X-A: b}, body: "{{ toJson . }}", timeout: 7s}
        policies:
          - name: rerun-flaky-test
            alerts: ['alertname="TaskFailed"', 'task=~"test.*"']
            condition: 'ci_task_failing{run_id="{{ .Labels.run_id }}"} == 1'
            action: rerun-task
            cooldown: 5m
            group_by: [pipeline, task]
            rate_limit: {count: 3, per: 1h}
            concurrency: 2
            dry_run: true
        """;

    [Fact]
    public void Every_key_is_read()
    {
        var config = PolicyBench.Config(Good);

        var command = config.Actions[0].Command!;
        Assert.Equal(["./rerun.sh", "{{ .Labels.run_id }}"], command.Argv.Select(a => a.Text));
        Assert.Equal((TimeSpan.FromMinutes(2), "/tmp/scripts"), (command.Timeout, command.WorkingDirectory));
        var http = config.Actions[1].Http!;
        Assert.Equal(("POST", TimeSpan.FromSeconds(7), "{{ toJson . }}"), (http.Method, http.Timeout, http.Body!.Text));
        var policy = Assert.Single(config.Policies);
        Assert.Equal("rerun-task", policy.Action.Name);
        Assert.Equal((TimeSpan.FromMinutes(5), 2, true), (policy.Cooldown, policy.Concurrency, policy.DryRun));
        Assert.Equal(new RateLimit(3, TimeSpan.FromHours(1)), policy.RateLimit);
        Assert.Equal(["pipeline", "task"], policy.GroupBy);
        Assert.Equal([new Matcher(MatchOp.Equal, "alertname", "TaskFailed"), new Matcher(MatchOp.Regex, "task", "test.*")], policy.Alerts);
    }

    [Fact]
    public void Nothing_configured_is_nothing_to_do() => Assert.Empty(PolicyBench.Config("").Policies);

    [Theory]
    [InlineData("cooldown: 5m", "coldown: 5m", """15:5: unknown key "coldown"; did you mean "cooldown"?""")]
    [InlineData("action: rerun-task", "action: rerun-tsk", """14:13: no action is named "rerun-tsk"; did you mean "rerun-task"?""")]
    [InlineData("cooldown: 5m", "cooldown: soon", "no duration")]
    [InlineData("== 1'", "== '", "unexpected end of input")]
    [InlineData("{{ .Labels.run_id }}\"}", "{{ .Labels.run_id \"}", "unterminated")]
    [InlineData("'alertname=\"TaskFailed\"'", "alertname", "is no matcher")]
    [InlineData("test.*", "(", "error parsing regexp")]
    [InlineData("count: 3, ", "", "needs \"count\" and \"per\"")]
    [InlineData("concurrency: 2", "concurrency: 0", "between 1 and 100")]
    [InlineData("http://127.0.0.1:9999/rollback", "ftp://x", "is no address")]
    [InlineData("url: \"http://127.0.0.1:9999/rollback\", ", "", "\"url\" is missing")]
    [InlineData("argv: [\"./rerun.sh\", \"{{ .Labels.run_id }}\"]", "argv: []", "\"argv\" is missing")]
    [InlineData("name: roll-back", "name: rerun-task", "exists already")]
    [InlineData("timeout: 7s", "timeout: 0s", "longer than 0")]
    [InlineData("alerts: ['alertname=\"TaskFailed\"', 'task=~\"test.*\"']", "dry_run: true", "\"alerts\" is missing")]
    public void A_mistake_is_named_with_its_place(string part, string mistake, string message)
    {
        var problems = new ConfigProblems();
        var yaml = Good.Replace(part, mistake, StringComparison.Ordinal);
        Assert.NotEqual(Good, yaml);
        if (mistake == "dry_run: true")
        {
            yaml = yaml.Replace("    concurrency: 2\n    dry_run: true", "", StringComparison.Ordinal);
        }

        ActionsConfigReader.Read(new YamlSection("flyball.yml", YamlFile.Load("flyball.yml", yaml, problems)!, problems), "/tmp");

        Assert.Contains(problems.All, p => p.ToString().StartsWith("flyball.yml:", StringComparison.Ordinal)
            && p.ToString().Contains(message, StringComparison.OrdinalIgnoreCase) && p.Line > 0);
    }

    [Theory]
    [InlineData("a=b", MatchOp.Equal, "a", "b")]
    [InlineData("a = \"b\"", MatchOp.Equal, "a", "b")]
    [InlineData("a!=\"\"", MatchOp.NotEqual, "a", "")]
    [InlineData("a!~\"x|y\"", MatchOp.NotRegex, "a", "x|y")]
    [InlineData("\"a b\"=~\"\\\"\\\\\\\\\"", MatchOp.Regex, "a b", "\"\\\\")]
    public void Matchers_are_those_of_Alertmanager(string text, MatchOp op, string name, string value) =>
        Assert.Equal(new Matcher(op, name, value), AlertMatcherText.Read(text, out _));
}
