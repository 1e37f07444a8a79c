using System.Text.Json.Nodes;
using Flyball.Model.Runs;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.GitHub;
using Flyball.Pipelines.Tests.Connectors;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Tests.GitHub;

public sealed class GitHubConnectorTests : ConnectorContract
{
    protected override string Folder => "github";

    protected override IReadOnlyList<string> Stories => ["webhooks/rerun"];

    protected override IReadOnlyList<string> Secrets => ["It's a Secret to Everybody"];

    [Fact]
    public void The_official_vector_holds()
    {
        var vector = JsonNode.Parse(File.ReadAllText(Sample("signature/official-vector.json")))!;
        var headers = new HeaderDictionary { ["X-Hub-Signature-256"] = (string?)vector["header"] };
        var body = System.Text.Encoding.UTF8.GetBytes((string)vector["body"]!);

        var signed = new GitHubConnector(() => [(string)vector["secret"]!]).Read(new(headers, new QueryCollection(), body, default));
        body[0] ^= 1;
        var changed = new GitHubConnector(() => [(string)vector["secret"]!]).Read(new(headers, new QueryCollection(), body, default));

        Assert.Equal("malformed", Assert.IsType<HookVerdict.Refused>(signed).Reason);
        Assert.Equal("unauthorized", Assert.IsType<HookVerdict.Refused>(changed).Reason);
    }

    [Fact]
    public async Task A_re_run_is_a_run_of_its_own()
    {
        var runs = await RunsAsync(FactsOf("webhooks/rerun"));

        Assert.Equal(["c758a5db134de83ea8f9c289989ff461", "60a06d47aa580f71292f4c977246d07e"], runs.Select(r => r.TraceId.ToString()));
        var (second, first) = (runs[0], runs[1]);
        Assert.Equal((RunResult.Failure, "failure", "jdoe", "pull_request"), (first.Result, first.ErrorType, first.Actor, first.Trigger));
        Assert.Equal((RunResult.Success, "asmith", 2), (second.Result, second.Actor, second.Key.Attempt));
        Assert.Equal("b27fcebfaf400b33", first.SpanId.ToString());
        Assert.Equal(("CI", "321", "117", "main", "fix/refund"), (first.Pipeline, first.Number, first.Vcs.ChangeId, first.Vcs.BaseName, first.Vcs.HeadName));
        Assert.Equal(
            ["deploy:skip:0", "test (1.23, linux):failure:4", "test (1.24, linux):cancellation:2"],
            first.Tasks.Select(t => $"{t.Name}:{RunWords.Of(t.Result)}:{t.Steps.Count}").Order(StringComparer.Ordinal));
        var test = first.Tasks.Single(t => t.Key.Id == "8800001");
        Assert.Equal("da8dd1e2a81c5b36", test.SpanId.ToString());
        Assert.Equal("25f865d60794f505", test.Steps[0].SpanId.ToString());
        Assert.Equal("2026-11-04T09:00:14.000Z", test.StartedAt!.Value.ToMs().ToString());
        Assert.Null(first.Tasks.Single(t => t.Name == "deploy").StartedAt);
        Assert.Equal("2026-11-04T09:30:00.000Z", second.CreatedAt!.Value.ToMs().ToString());
    }

    [Theory]
    [InlineData("cancelled", RunResult.Cancellation)]
    [InlineData("startup_failure", RunResult.Error)]
    [InlineData("timed_out", RunResult.Timeout)]
    public void Conclusions_become_results(string conclusion, RunResult result)
    {
        var verdict = Make(() => []).Read(Request(Sample($"webhooks/conclusions/workflow_run-completed-{conclusion}.json")));

        Assert.Equal(result, Assert.IsType<HookVerdict.Facts>(verdict).Of[0].Life!.Result);
    }

    [Fact]
    public async Task The_first_end_counts_though_the_run_is_edited_later()
    {
        var facts = FactsOf("webhooks/rerun").Where(f => f.Run.Attempt == 1).ToList();
        var end = facts.Find(f => f.Life?.State == RunState.Finished)!;
        var edited = JsonNode.Parse(File.ReadAllText(Sample("webhooks/rerun/07-workflow_run-completed-failure.json")))!;
        edited["workflow_run"]!["updated_at"] = "2026-11-09T00:00:00Z";
        var later = Assert.IsType<HookVerdict.Facts>(Make(() => []).Read(
            Request(Sample("webhooks/rerun/07-workflow_run-completed-failure.json")) with { Body = System.Text.Encoding.UTF8.GetBytes(edited.ToJsonString()) })).Of[0];

        var run = Assert.Single(await RunsAsync([.. facts, later]));

        Assert.Equal(end.Life!.FinishedAt, run.FinishedAt);
    }

    private protected override IConnector Make(Func<IReadOnlyList<string>> secrets) => new GitHubConnector(secrets);

    private protected override HookRequest Proven(string file)
    {
        var request = Request(file);
        var key = System.Text.Encoding.UTF8.GetBytes(Secrets[0]);
        var hash = System.Security.Cryptography.HMACSHA256.HashData(key, request.Body.Span);
        request.Headers["X-Hub-Signature-256"] = "sha256=" + Convert.ToHexStringLower(hash);
        return request;
    }

    private protected override bool IsEvent(string file) => file.Contains("/webhooks/", StringComparison.Ordinal);
}
