using System.Net;
using System.Security.Cryptography;
using System.Text;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.GitHub;
using Flyball.Pipelines.Tests.Connectors;
using Flyball.Pipelines.Tests.Tracking;
using Flyball.Testing;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Tests.GitHub;

/// <summary>What each of GitHub's events becomes.</summary>
public sealed class GitHubEventTypesTests
{
    private const string Around = """
        "repository": {"name": "shop", "html_url": "https://github.com/acme/shop", "owner": {"login": "acme"}}, "sender": {"login": "ada"}
        """;

    private const string Run = """
        {"id": 7700001, "run_attempt": 1, "name": "CI", "status": "in_progress", "created_at": "2026-11-04T09:00:00Z",
         "run_started_at": "2026-11-04T09:00:02Z", "updated_at": "2026-11-04T09:00:05Z"}
        """;

    [Theory]
    [InlineData("ping", """ "zen": "Speak like a human.", "hook_id": 1, "hook": {"type": "Repository", "events": ["*"]} """, "202 ignored: other_event")]
    [InlineData("push", """ "ref": "refs/heads/main", "after": "9d59409acf479dfa0df1aa568182e43e43df8bbe", "commits": [] """, "202 ignored: other_event")]
    [InlineData("pull_request", """ "action": "opened", "number": 7, "pull_request": {"id": 1, "head": {"sha": "c0ffee"}} """, "202 ignored: other_event")]
    [InlineData("merge_group", """ "action": "checks_requested", "merge_group": {"head_sha": "c0ffee"} """, "202 ignored: other_event")]
    [InlineData("workflow_dispatch", """ "inputs": {}, "ref": "refs/heads/main", "workflow": ".github/workflows/ci.yml" """, "202 ignored: other_event")]
    [InlineData("check_run", """ "action": "completed", "check_run": {"id": 8800001, "status": "completed", "conclusion": "success"} """, "202 ignored: other_event")]
    [InlineData("check_suite", """ "action": "completed", "check_suite": {"id": 5, "head_sha": "c0ffee", "conclusion": "success"} """, "202 ignored: other_event")]
    [InlineData("status", """ "id": 3, "sha": "c0ffee", "state": "success", "context": "ci/other" """, "202 ignored: other_event")]
    [InlineData("installation", """ "action": "created", "installation": {"id": 9}, "repositories": [] """, "202 ignored: other_event")]
    [InlineData("registry_package", """ "action": "published", "registry_package": {"id": 4, "name": "shop"} """, "202 ignored: other_event")]
    [InlineData("deployment_protection_rule", """ "action": "requested", "environment": "production", "deployment": {"id": 70} """, "202 ignored: other_event")]
    [InlineData("deployment_review", $$""" "action": "requested", "environment": "production", "workflow_run": {{Run}} """, "202 ignored: other_event")]
    [InlineData("event_of_tomorrow", """ "action": "completed" """, "202 ignored: other_event")]
    [InlineData("", """ "zen": "Speak like a human." """, "202 ignored: other_event")]
    [InlineData("deployment", """ "action": "created", "deployment": {"id": 70}, "workflow_run": null """, "202 ignored: deployment_of_no_run")]
    [InlineData("deployment", $$""" "action": "created", "deployment": {"id": 70}, "workflow_run": {{Run}} """, "202 7700001#1 executing")]
    [InlineData("", $$""" "action": "created", "deployment": {"id": 70}, "workflow_run": {{Run}} """, "202 7700001#1 executing")]
    [InlineData("deployment_status", """ "deployment_status": {"state": "success"}, "deployment": {"id": 70} """, "202 ignored: deployment_of_no_run")]
    [InlineData("deployment_status", $$""" "deployment_status": {"state": "inactive"}, "deployment": {"id": 70}, "workflow_run": {{Run}} """, "202 ignored: deployment_inactive")]
    [InlineData("workflow_run", $$""" "action": "in_progress", "workflow_run": {{Run}} """, "202 7700001#1 executing")]
    [InlineData("workflow_run", $$""" "action": "action_of_tomorrow", "workflow_run": {{Run}} """, "202 7700001#1 executing")]
    [InlineData("workflow_run", """ "workflow_run": {} """, "422 rejected: no_identity")]
    [InlineData("workflow_run", """ "workflow_run": null """, "400 rejected: malformed")]
    [InlineData("workflow_job", """ "workflow_job": {"id": 8, "run_id": 7, "name": "test", "status": "queued"} """, "202 7#1 pending test:pending")]
    [InlineData("workflow_job", """ "workflow_job": {"id": 8, "name": "test"} """, "422 rejected: no_identity")]
    [InlineData("workflow_job", """ "workflow_job": [] """, "400 rejected: malformed")]
    public async Task Each_event_has_its_place(string kind, string members, string expected) =>
        Assert.Equal(expected, await HookTrial.SendAsync("github", $"{{{members}, {Around}}}", ("X-GitHub-Event", kind)));

    [Theory]
    [InlineData("", "202 7700001#1 executing")]
    [InlineData("&more=1", "202 7700001#1 executing")]
    public async Task A_form_carries_the_same_document(string rest, string expected)
    {
        var body = "payload=" + WebUtility.UrlEncode($$"""{"action": "in_progress", "workflow_run": {{Run}}, {{Around}}}""") + rest;

        Assert.Equal(expected, await HookTrial.SendAsync("github", body, ("X-GitHub-Event", "workflow_run"), ("Content-Type", "application/x-www-form-urlencoded")));
    }

    [Theory]
    [InlineData("payload=")]
    [InlineData("payload=%7")]
    [InlineData("payload=%7B%22")]
    [InlineData("payload=&payload={}")]
    public async Task A_form_without_a_document_is_refused(string body) =>
        Assert.Equal("400 rejected: malformed", await HookTrial.SendAsync("github", body, ("X-GitHub-Event", "push")));

    [Fact]
    public void What_is_signed_is_the_form()
    {
        var body = Encoding.UTF8.GetBytes("payload=" + WebUtility.UrlEncode($$"""{"workflow_run": {{Run}}, {{Around}}}"""));
        var hash = HMACSHA256.HashData("secret"u8, body);
        var headers = new HeaderDictionary { ["X-GitHub-Event"] = "workflow_run", ["X-Hub-Signature-256"] = "sha256=" + Convert.ToHexStringLower(hash) };

        Assert.IsType<HookVerdict.Facts>(new GitHubConnector(() => ["secret"]).Read(new HookRequest(headers, new QueryCollection(), body, default)));
    }

    [Fact]
    public async Task The_latest_deployment_of_a_run_counts_in_any_order()
    {
        (string Event, string State, string Time, int Id, string Environment)[] told =
        [
            ("deployment", "", "09:01:00", 70, "staging"),
            ("deployment_status", "in_progress", "09:01:01", 70, "staging"),
            ("deployment_status", "success", "09:02:00", 70, "staging"),
            ("deployment", "", "09:03:00", 71, "production"),
            ("deployment_status", "waiting", "09:03:01", 71, "production"),
            ("deployment_status", "in_progress", "09:04:00", 71, "production"),
        ];
        RunFact[] facts = [.. told.SelectMany(t => FactsOf(t.Event, t.State, t.Time, t.Id, t.Environment))];
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var shuffled = facts.Concat(facts.Where(_ => random.Next(2) == 0)).ToArray();
            random.Shuffle(shuffled);
            await using var bench = await TrackerBench.StartAsync();
            foreach (var fact in shuffled)
            {
                await bench.Tracker.ApplyAsync([fact], TestContext.Current.CancellationToken);
            }

            var run = Assert.Single(bench.Tracker.NewestFirst());
            Assert.Equal(("CI", RunState.Executing, "production", "71"), (run.Pipeline, run.State, run.Environment, run.Attributes["deployment.id"]));

            // It is staging that succeeded.
            Assert.False(run.Attributes.ContainsKey("deployment.status"));
        }
    }

    [Fact]
    public async Task A_deployment_that_failed_says_so()
    {
        await using var bench = await TrackerBench.StartAsync();

        await bench.Tracker.ApplyAsync(FactsOf("deployment_status", "error", "09:05:00", 71, "production"), TestContext.Current.CancellationToken);

        Assert.Equal("failed", Assert.Single(bench.Tracker.NewestFirst()).Attributes["deployment.status"]);
    }

    private static IReadOnlyList<RunFact> FactsOf(string kind, string state, string time, int id, string environment)
    {
        var status = state.Length == 0 ? "" : $$""" "deployment_status": {"state": "{{state}}", "environment": "{{environment}}", "updated_at": "2026-11-04T{{time}}Z"}, """;
        var body = $$"""
            {{{status}} "deployment": {"id": {{id}}, "task": "deploy", "environment": "{{environment}}", "updated_at": "2026-11-04T{{time}}Z"},
             "workflow_run": {{Run}}, {{Around}}}
            """;
        var headers = new HeaderDictionary { ["X-GitHub-Event"] = kind };
        var request = new HookRequest(headers, new QueryCollection(), Encoding.UTF8.GetBytes(body), TimestampNs.From(TestClock.DefaultStart));
        return Assert.IsType<HookVerdict.Facts>(new GitHubConnector(() => []).Read(request)).Of;
    }
}
