using System.Text;
using Flyball.Model.Runs;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.Jenkins;
using Flyball.Pipelines.Tests.Connectors;

namespace Flyball.Pipelines.Tests.Jenkins;

public sealed class JenkinsConnectorTests : ConnectorContract
{
    protected override string Folder => "jenkins";

    protected override IReadOnlyList<string> Stories => ["notification/build-58"];

    protected override IReadOnlyList<string> Secrets => ["pass"];

    [Fact]
    public async Task A_build_becomes_a_run()
    {
        var run = Assert.Single(await RunsAsync(FactsOf("notification/build-58")));

        Assert.Equal("4a57e205e5c75f8696f4879ab849d27d", run.TraceId.ToString());
        Assert.Equal("338033018df9358f", run.SpanId.ToString());
        Assert.Equal((RunState.Finished, RunResult.Success, "acme/payments/main", "58"), (run.State, run.Result, run.Pipeline, run.Number));
        Assert.Equal(("main", "https://github.com/acme/payments"), (run.Vcs.HeadName, run.Vcs.RepositoryUrl));
        Assert.Equal(8UL, (run.StartedAt!.Value.Value - run.CreatedAt!.Value.Value) / 1_000_000_000);
        Assert.Equal(95UL, (run.FinishedAt!.Value.Value - run.StartedAt.Value.Value) / 1_000_000_000);
    }

    [Theory]
    [InlineData("https://ci.example.com/job/a/job/b/7/", "job/a/job/b/7/", "ci.example.com", "a/b#7")]
    [InlineData("http://localhost:9009/job/Synapse/8/", "job/Synapse/8/", "localhost:9009", "Synapse#8")]
    [InlineData("https://x.example.com/jenkins/job/a/7/", "job/a/7/", "x.example.com/jenkins", "a#7")]
    [InlineData("https://x.example.com/jenkins/job/a/7/", null, "x.example.com/jenkins", "a#7")]
    [InlineData("https://ci.example.com/job/p/job/feature%252Fx/7/", "job/p/job/feature%252Fx/7/", "ci.example.com", "p/feature%2Fx#7")]
    [InlineData("https://ci.example.com/job/job/job/job/7/", "job/job/job/job/7/", "ci.example.com", "job/job#7")]
    public void Addresses_are_taken_apart(string full, string? relative, string instance, string run)
    {
        var url = relative is null ? "" : $", \"url\": \"{relative}\"";
        var body = $$"""{"build": {"full_url": "{{full}}"{{url}}, "number": {{run[(run.IndexOf('#', StringComparison.Ordinal) + 1)..]}}, "phase": "STARTED", "timestamp": 1793872808000} }""";

        var verdict = Make(() => []).Read(Request(EventsOf("notification/build-58").First()) with { Body = Encoding.UTF8.GetBytes(body) });

        Assert.Equal(new RunKey("jenkins", instance, run), Assert.IsType<HookVerdict.Facts>(verdict).Of[0].Run);
    }

    [Theory]
    [InlineData("SUCCESS", RunResult.Success)]
    [InlineData("UNSTABLE", RunResult.Failure)]
    [InlineData("ABORTED", RunResult.Cancellation)]
    [InlineData("NOT_BUILT", RunResult.Skip)]
    [InlineData("OF_TOMORROW", RunResult.Error)]
    public void Statuses_become_results(string status, RunResult result)
    {
        var body = $$"""{"build": {"full_url": "http://j/job/a/1/", "number": 1, "phase": "FINALIZED", "status": "{{status}}", "timestamp": 1793872808000} }""";

        var verdict = Make(() => []).Read(Request(EventsOf("notification/build-58").First()) with { Body = Encoding.UTF8.GetBytes(body) });

        Assert.Equal(result, Assert.IsType<HookVerdict.Facts>(verdict).Of[0].Life!.Result);
    }

    private protected override IConnector Make(Func<IReadOnlyList<string>> secrets) => new JenkinsConnector(secrets);

    private protected override HookRequest Proven(string file)
    {
        var request = Request(file);
        request.Headers["Authorization"] = "Basic " + Convert.ToBase64String("jenkins:pass"u8);
        return request;
    }

    private protected override bool IsEvent(string file) => file.Contains("/notification/", StringComparison.Ordinal);
}
