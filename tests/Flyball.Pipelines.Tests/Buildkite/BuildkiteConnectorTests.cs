using System.Text.Json.Nodes;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Buildkite;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.Tests.Connectors;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Tests.Buildkite;

public sealed class BuildkiteConnectorTests : ConnectorContract
{
    protected override string Folder => "buildkite";

    protected override IReadOnlyList<string> Stories => ["webhooks/run-42", "webhooks/run-43"];

    protected override IReadOnlyList<string> Secrets => ["flyball-test-token-0001"];

    [Theory]
    [InlineData("valid", "")]
    [InlineData("stale-replay", "stale")]
    public void Signatures_are_checked_with_their_time(string name, string reason)
    {
        var sample = JsonNode.Parse(File.ReadAllText(Sample($"signature/{name}.json")))!;
        var request = new HookRequest(
            new HeaderDictionary { ["X-Buildkite-Signature"] = (string?)sample["header"] }, new QueryCollection(),
            System.Text.Encoding.UTF8.GetBytes((string)sample["body"]!), new TimestampNs((ulong)(long)sample["now_unix"]! * 1_000_000_000));

        var verdict = Make(() => [(string)sample["secret"]!]).Read(request);

        Assert.Equal(reason, verdict is HookVerdict.Refused refused ? refused.Reason : "");
    }

    [Fact]
    public async Task A_build_with_a_retry_a_matrix_and_a_soft_failure_passes()
    {
        var run = Assert.Single(await RunsAsync(FactsOf("webhooks/run-42")));

        Assert.Equal("7c61c9d79554d5106f08967838d51639", run.TraceId.ToString());
        Assert.Equal((RunResult.Success, "payments", "42", "webhook"), (run.Result, run.Pipeline, run.Number, run.Trigger));
        Assert.Equal("https://github.com/acme/payments", run.Vcs.RepositoryUrl);
        Assert.Equal("54ad65d5594b94b4", run.Tasks.Single(t => t is { Name: "unit", Attempt: 1 }).SpanId.ToString());
        Assert.Equal(
            ["lint (1.23)#1:success", "lint (1.24)#1:success", "unit#1:failure", "unit#2:success"],
            run.Tasks.Where(t => t.Name.StartsWith("lint", StringComparison.Ordinal) || t.Name == "unit")
                .Select(t => $"{t.Name}#{t.Attempt}:{RunWords.Of(t.Result)}").Order(StringComparer.Ordinal));
        Assert.Equal("exit_2", run.Tasks.Single(t => t is { Name: "unit", Attempt: 1 }).ErrorType);
        Assert.Single(run.Tasks, t => t.SoftFail);
        Assert.Equal(2, run.Tasks.Count(t => t.Name.Contains('[', StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_lost_agent_is_an_error_and_a_superseded_build_a_cancellation()
    {
        var run = Assert.Single(await RunsAsync(FactsOf("webhooks/run-43")));

        Assert.Equal((RunResult.Cancellation, "superseded"), (run.Result, run.Message));
        Assert.Contains(run.Tasks, t => t is { Result: RunResult.Error, ExitCode: -1 });
        Assert.Contains(run.Tasks, t => t.Result == RunResult.Cancellation);
    }

    [Fact]
    public void A_blocked_build_only_looks_finished()
    {
        var verdict = Make(() => []).Read(Request(Sample("webhooks/captured-build-finished-blocked.json")));

        var fact = Assert.IsType<HookVerdict.Facts>(verdict).Of[0];
        Assert.Equal((RunState.Pending, (RunResult?)null), (fact.Life!.State, fact.Life.Result));
        Assert.Null(fact.Vcs!.Commit);
    }

    [Fact]
    public async Task A_signed_later_event_reopens_a_build()
    {
        var facts = FactsOf("webhooks/run-42").ToList();
        var again = facts[^1] with
        {
            SourceTime = new TimestampNs(facts[^1].SourceTime.Value + 1_000_000_000),
            Life = new LifeFact { State = RunState.Executing, Cycle = new TimestampNs(facts[^1].Life!.Cycle.Value + 1_000_000_000) },
        };

        Assert.Equal(RunState.Executing, Assert.Single(await RunsAsync([again, .. facts])).State);
    }

    private protected override IConnector Make(Func<IReadOnlyList<string>> secrets) => new BuildkiteConnector(secrets);

    private protected override HookRequest Request(string file)
    {
        var request = base.Request(file);
        const string Time = "timestamp=";
        var header = request.Header("X-Buildkite-Signature");
        return header.StartsWith(Time, StringComparison.Ordinal)
            ? request with { ReceivedAt = new TimestampNs((ulong.Parse(header[Time.Length..header.IndexOf(',', StringComparison.Ordinal)]) + 2) * 1_000_000_000) }
            : request;
    }

    private protected override bool IsEvent(string file) => file.Contains("/webhooks/", StringComparison.Ordinal);
}
