using System.Text.Json.Nodes;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.GitLab;
using Flyball.Pipelines.Tests.Connectors;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Tests.GitLab;

public sealed class GitLabConnectorTests : ConnectorContract
{
    protected override string Folder => "gitlab";

    protected override IReadOnlyList<string> Stories => ["webhooks/run-5500"];

    protected override IReadOnlyList<string> Secrets => ["whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "flyball-gitlab-token"];

    [Theory]
    [InlineData("valid", 202, "")]
    [InlineData("stale", 401, "stale")]
    public void Signing_tokens_are_checked_with_their_time(string name, int status, string reason)
    {
        var sample = JsonNode.Parse(File.ReadAllText(Sample($"signature/{name}.json")))!;
        var headers = new HeaderDictionary();
        foreach (var header in (string[])["webhook-id", "webhook-timestamp", "webhook-signature"])
        {
            headers[header] = (string?)sample[header];
        }

        var request = new HookRequest(
            headers, new QueryCollection(), System.Text.Encoding.UTF8.GetBytes((string)sample["body"]!),
            new TimestampNs((ulong)(long)sample["now_unix"]! * 1_000_000_000));
        var verdict = Make(() => [(string)sample["signing_token"]!]).Read(request);

        // The body names no pipeline: good proof is told by how it fails.
        Assert.Equal(status == 401 ? reason : "no_identity", Assert.IsType<HookVerdict.Refused>(verdict).Reason);
    }

    [Fact]
    public void A_bad_signature_is_not_made_good_by_a_good_token()
    {
        var request = Request(EventsOf("webhooks/run-5500").First());
        request.Headers["X-Gitlab-Token"] = "flyball-gitlab-token";
        request.Headers["webhook-signature"] = "v1,AAAA";

        Assert.Equal("unauthorized", Assert.IsType<HookVerdict.Refused>(Make(() => Secrets).Read(request)).Reason);
    }

    [Theory]
    [InlineData("flyball-gitlab-token", true)]
    [InlineData("flyball-gitlab-toke", false)]
    [InlineData("", false)]
    public void A_plain_token_is_compared(string token, bool accepted)
    {
        var request = Request(Sample("webhooks/xanzy-job.json"));
        request.Headers["X-Gitlab-Token"] = token;

        Assert.Equal(accepted, Make(() => Secrets).Read(request) is HookVerdict.Facts);
    }

    [Fact]
    public async Task A_manual_retry_reopens_the_pipeline()
    {
        var facts = FactsOf("webhooks/run-5500");
        var before = Assert.Single(await RunsAsync(facts[..^1]));
        var run = Assert.Single(await RunsAsync(facts));

        Assert.Equal("aff9d315f1117ee9e8eab0f989a993d2", run.TraceId.ToString());
        Assert.Equal((RunState.Finished, RunResult.Success), (before.State, before.Result));
        Assert.Equal((RunState.Executing, (RunResult?)null, (TimestampNs?)null), (run.State, run.Result, run.FinishedAt));
        Assert.Equal(("CI", "321", "main", "jdoe", "push"), (run.Pipeline, run.Number, run.Vcs.HeadName, run.Actor, run.Trigger));
        Assert.Equal(("https://gitlab.com/acme/payments", "acme", "payments"), (run.Vcs.RepositoryUrl, run.Vcs.Owner, run.Vcs.RepositoryName));
        Assert.Equal(
            ["compile#1:success", "unit#1:failure", "unit#2:success", "staging#1:success", "unit#3:"],
            run.Tasks.Select(t => $"{t.Name}#{t.Attempt}:{RunWords.Of(t.Result)}"));
        Assert.Equal("script_failure", run.Tasks[1].ErrorType);
        Assert.Equal("2026-11-05T09:00:04.000Z", run.StartedAt!.Value.ToMs().ToString());
    }

    [Theory]
    [InlineData("runner_system_failure", RunResult.Error)]
    [InlineData("stuck_or_timeout_failure", RunResult.Error)]
    [InlineData("job_execution_timeout", RunResult.Timeout)]
    [InlineData("script_failure", RunResult.Failure)]
    [InlineData("reason_of_tomorrow", RunResult.Failure)]
    public void Failure_reasons_tell_infrastructure_from_tests(string reason, RunResult result) =>
        Assert.Equal((RunState.Finished, result), GitLabStates.Read("failed", reason, hasEnd: true));

    private protected override IConnector Make(Func<IReadOnlyList<string>> secrets) => new GitLabConnector(secrets);

    // Signed events are fresh only near their time.
    private protected override HookRequest Request(string file)
    {
        var request = base.Request(file);
        return ulong.TryParse(request.Header("webhook-timestamp"), out var seconds)
            ? request with { ReceivedAt = new TimestampNs((seconds + 2) * 1_000_000_000) }
            : request;
    }

    private protected override bool IsEvent(string file) => file.Contains("/webhooks/", StringComparison.Ordinal);
}
