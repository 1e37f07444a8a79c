using Flyball.Pipelines.Tests.Connectors;

namespace Flyball.Pipelines.Tests.Buildkite;

/// <summary>What each of Buildkite's events becomes.</summary>
public sealed class BuildkiteEventTypesTests
{
    private const string Around = """ "pipeline": {"slug": "shop", "repository": "git@github.com:acme/shop.git"}, "sender": {"name": "Ada"} """;

    [Theory]
    [InlineData("ping", """ "service": {"provider": "webhook"}, "organization": {"slug": "acme"} """, "202 ignored: other_event")]
    [InlineData("build.scheduled", """ "build": {"id": "b1", "state": "scheduled"} """, "202 b1#1 pending")]
    [InlineData("build.running", """ "build": {"id": "b1", "state": "passed", "finished_at": "2026-11-02 14:00:09 UTC"} """, "202 b1#1 success")]
    [InlineData("build.failing", """ "build": {"id": "b1", "state": "failing", "started_at": "2026-11-02 14:00:01 UTC"} """, "202 b1#1 executing")]
    [InlineData("build.skipped", """ "build": {"id": "b1", "state": "skipped"} """, "202 b1#1 skip")]
    [InlineData("build.of_tomorrow", """ "build": {"id": "b1", "state": "state_of_tomorrow"} """, "202 b1#1 executing")]
    [InlineData("build.finished", """ "build": {} """, "422 rejected: no_identity")]
    [InlineData("job.activated", """ "build": {"id": "b1", "state": "running"}, "job": {"id": "j1", "type": "manual", "state": "unblocked"} """, "202 b1#1 executing")]
    [InlineData("job.promised_exit_status", """ "build": {"id": "b1", "state": "running"}, "job": {"id": "j1", "type": "script", "step_key": "unit", "state": "running", "exit_status": 1} """, "202 b1#1 executing unit:executing")]
    [InlineData("job.finished", """ "build": {"id": "b1", "state": "running"}, "job": {"id": "j1", "type": "script", "step_key": "unit", "state": "failed", "exit_status": -1} """, "202 b1#1 executing unit:error")]
    [InlineData("job.finished", """ "job": {"id": "j1", "type": "script", "state": "passed"} """, "422 rejected: no_identity")]
    [InlineData("agent.connected", """ "agent": {"id": "a1", "name": "box"} """, "202 worker available")]
    [InlineData("agent.disconnected", """ "agent": {"id": "a1", "name": "box"} """, "202 worker offline")]
    [InlineData("agent.lost", """ "agent": {"id": "a1", "name": "box"} """, "202 worker offline")]
    [InlineData("agent.stopping", """ "agent": {"id": "a1", "name": "box"} """, "202 worker offline")]
    [InlineData("agent.blocked", """ "agent": {"id": "a1", "name": "box"} """, "202 worker offline")]
    [InlineData("agent.stopped", """ "agent": {"id": "a1", "name": "box"} """, "202 worker gone")]
    [InlineData("agent.of_tomorrow", """ "agent": {"id": "a1", "name": "box"} """, "202 ignored: other_event")]
    [InlineData("agent.connected", """ "agent": null """, "202 ignored: other_event")]
    [InlineData("cluster_token.registration_blocked", """ "blocked_ip": "192.0.2.7", "cluster_token": {"id": "t1"} """, "202 worker gone")]
    [InlineData("package.created", """ "package": {"id": "p1", "name": "shop"}, "registry": {"slug": "shop"} """, "202 ignored: other_event")]
    [InlineData("event_of_tomorrow", """ "build": {"id": "b1"} """, "202 ignored: other_event")]
    public async Task Each_event_has_its_place(string name, string members, string expected)
    {
        Assert.Equal(expected, await HookTrial.SendAsync("buildkite", $"{{\"event\": \"{name}\", {members}, {Around}}}"));
        Assert.Equal(expected, await HookTrial.SendAsync("buildkite", $"{{{members}, {Around}}}", ("X-Buildkite-Event", name)));
    }

    [Theory]
    [InlineData("Build Blocked", """ "build": {"uuid": "b1", "state": "blocked"} """, "202 b1#1 pending")]
    [InlineData("Job Started", """ "build": {"uuid": "b1"}, "job": {"uuid": "j1", "type": "script", "label": "unit", "state": "started"} """, "202 b1#1 executing unit:executing")]
    [InlineData("Agent Lost", """ "agent": {"uuid": "a1"} """, "202 worker offline")]
    [InlineData("Package Created", """ "package": {"id": "p1"} """, "202 ignored: other_event")]
    public async Task So_has_each_that_comes_by_way_of_EventBridge(string type, string members, string expected) =>
        Assert.Equal(expected, await HookTrial.SendAsync(
            "buildkite", $$"""{"detail-type": "{{type}}", "source": "aws.partner/buildkite.com/acme/1", "detail": { {{members}}, {{Around}} } }"""));

    [Fact]
    public async Task Without_a_name_it_is_no_event() => Assert.Equal("400 rejected: malformed", await HookTrial.SendAsync("buildkite", "{}"));
}
