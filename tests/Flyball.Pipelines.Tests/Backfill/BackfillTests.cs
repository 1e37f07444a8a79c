using Flyball.Model.Runs;
using Flyball.Pipelines.Backfill;
using Flyball.Pipelines.Tests.Tracking;
using Flyball.Pipelines.Tracking;
using Flyball.Testing;

namespace Flyball.Pipelines.Tests.Backfill;

public sealed class BackfillTests : IAsyncLifetime, ICursorStore
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Dictionary<string, string> _cursors = [];
    private readonly SampleShelf _samples = new();
    private FakeRest _rest = null!;
    private RunTracker _tracker = null!;

    public async ValueTask InitializeAsync()
    {
        _rest = await FakeRest.StartAsync();
        _tracker = new RunTracker(new RunTrackerOptions(), new MemoryRunLog(), spans: null, _samples, TimeProvider.System);
        await _tracker.StartAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Builds_of_Buildkite_come_page_by_page()
    {
        var build = Sample("buildkite/rest/build-get-docs.json");
        _rest.On("organizations/acme/pipelines/pay/builds", $"[{build}]", 200, ("Link", "<{base}/organizations/acme/pipelines/pay/builds?page=2>; rel=\"next\""));
        _rest.On("organizations/acme/pipelines/pay/builds?page=2", $"[{build.Replace("f62a1b4d", "f62a1b4e", StringComparison.Ordinal)}]");

        await PassAsync("buildkite", "acme/pay");

        var run = _tracker.Find(new RunKey("buildkite", "", "f62a1b4d-10f9-4790-bc1c-e2c3a0c80983"))!;
        Assert.Equal((RunResult.Success, "great-pipeline", "2"), (run.Result, run.Pipeline, run.Number));
        Assert.Equal("812135b3-eee7-408c-9f63-760538b96bd5", Assert.Single(run.Links).Run);
        Assert.Equal(("rspec", "tests", 2, RunResult.Success), Assert.Single(run.Tasks) is var t ? (t.Name, t.Stage, t.Attempt, t.Result) : default);
        Assert.Equal(2, _tracker.NewestFirst().Count);
        Assert.StartsWith("organizations/acme/pipelines/pay/builds?created_from=", _rest.Requests[0].Path, StringComparison.Ordinal);
        Assert.All(_rest.Requests, r => Assert.Equal("Bearer secret", r.Credential));
    }

    [Fact]
    public async Task Runs_of_Tekton_that_the_cluster_has_forgotten_come_from_Tekton_Results()
    {
        const string Records = "apis/results.tekton.dev/v1alpha2/parents/-/results/-/records?order_by=create_time desc&page_size=100";
        var page = Sample("tekton/results-api/records-pipelineruns.json").Replace("2024-01-01T1", $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}T1", StringComparison.Ordinal);
        _rest.On(Records, page.TrimEnd().TrimEnd('}') + ",\"nextPageToken\":\"more\"}");
        _rest.On(Records + "&page_token=more", """
            {"records":[{"createTime":"2020-01-01T00:00:00Z","data":{"type":"results.tekton.dev/v1alpha3.Log","value":"e30="}},
            {"createTime":"2020-01-01T00:00:00Z","data":{"type":"tekton.dev/v1.PipelineRun","value":"?"}}],"nextPageToken":"never"}
            """);

        await PassAsync("tekton", "-");

        Assert.Equal((RunResult.Success, "pr-1"), _tracker.Find(new RunKey("tekton", "", "uid-pr-1")) is { } first ? (first.Result, first.Number) : default);
        Assert.Equal(RunResult.Failure, _tracker.Find(new RunKey("tekton", "", "uid-pr-2"))!.Result);
        Assert.Equal(3, _tracker.NewestFirst().Count);
        Assert.All(_rest.Requests, r => Assert.Equal("Bearer secret", r.Credential));
        Assert.DoesNotContain(_rest.Requests, r => r.Path.Contains("never", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Runs_of_GitHub_come_with_jobs_attempts_and_the_reason_of_a_lost_runner()
    {
        const string Run = """{"id":7,"name":"CI","run_attempt":2,"run_number":3,"status":"completed","conclusion":"failure","created_at":"2026-11-04T09:00:00Z","run_started_at":"2026-11-04T09:30:00Z","updated_at":"2026-11-04T09:40:00Z","html_url":"https://github.com/acme/pay/actions/runs/7","head_sha":"9d59409acf479dfa0df1aa568182e43e43df8bbe","repository":{"name":"pay","html_url":"https://github.com/acme/pay","owner":{"login":"acme"}}}""";
        _rest.On("repos/acme/pay/actions/runs", $$"""{"total_count":1,"workflow_runs":[{{Run}}]}""");
        _rest.On("repos/acme/pay/actions/runs/7/attempts/1", Run.Replace("\"run_attempt\":2", "\"run_attempt\":1", StringComparison.Ordinal));
        _rest.On("repos/acme/pay/actions/runs/7/jobs", $$"""{"jobs":[{{Job(71, 1, "success")}}]}""", 200, ("Link", "<{base}/repos/acme/pay/actions/runs/7/jobs?page=2>; rel=\"next\""));
        _rest.On("repos/acme/pay/actions/runs/7/jobs?page=2", $$"""{"jobs":[{{Job(72, 2, "failure")}},{{Job(73, 2, "failure")}}]}""");
        _rest.On("repos/acme/pay/check-runs/72/annotations", """[{"annotation_level":"failure","message":"The runner has received a shutdown signal. This can happen …"}]""");
        _rest.On("repos/acme/pay/check-runs/73/annotations", """[{"annotation_level":"failure","message":"Process completed with exit code 1."}]""");

        await PassAsync("github", "acme/pay");

        var second = _tracker.Find(new RunKey("github", "github.com", "7", 2))!;
        Assert.Equal(["71"], _tracker.Find(new RunKey("github", "github.com", "7"))!.Tasks.Select(t => t.Key.Id));
        Assert.Equal(["72:Error:runner_shutdown", "73:Failure:failure"], second.Tasks.Select(t => $"{t.Key.Id}:{t.Result}:{t.ErrorType}"));
        Assert.Equal("Process completed with exit code 1.", second.Tasks[1].Message);
    }

    [Fact]
    public async Task Pipelines_of_GitLab_come_with_retried_jobs_and_what_they_started()
    {
        var pipeline = Sample("gitlab/rest/devlake-pipeline-failed-merge_request_event.json");
        var job = Sample("gitlab/rest/devlake-job-success.json");
        _rest.On("projects/merico-dev/ee/vdev.co", """{"web_url":"https://gitlab.com/merico-dev/ee/vdev.co","path_with_namespace":"merico-dev/ee/vdev.co"}""");
        _rest.On("projects/merico-dev/ee/vdev.co/pipelines", """[{"id":1079502706}]""");
        _rest.On("projects/merico-dev/ee/vdev.co/pipelines/1079502706", pipeline);
        _rest.On("projects/merico-dev/ee/vdev.co/pipelines/1079502706/jobs", $"[{job}]");
        _rest.On("projects/merico-dev/ee/vdev.co/pipelines/1079502706/bridges", """[{"id":5,"downstream_pipeline":{"id":99}}]""");

        await PassAsync("gitlab", "merico-dev/ee/vdev.co");

        var run = Assert.Single(_tracker.NewestFirst());
        Assert.Equal(new RunKey("gitlab", "gitlab.com", "1079502706"), run.Key);
        Assert.Equal((RunResult.Failure, "5500", "vdev.co", "merico-dev/ee"), (run.Result, run.Vcs.ChangeId, run.Vcs.RepositoryName, run.Vcs.Owner));
        Assert.Equal("99", Assert.Single(run.Links).Run);
        Assert.Equal("format", Assert.Single(run.Tasks).Name);
        Assert.All(_rest.Requests, r => Assert.Equal("secret", r.Credential));
    }

    [Fact]
    public async Task Builds_of_Jenkins_come_with_stages_steps_and_the_time_out_behind_an_abort()
    {
        var build = Sample("jenkins/build/multibranch-pr-2-1-aborted.json");
        build = build.Replace("\"number\": 1,", "\"number\": 1, \"url\": \"https://ci.example.com/job/org/job/pay/job/PR-2/1/\",", StringComparison.Ordinal);
        _rest.On("job/org/job/pay/api/json", """{"jobs":[{"name":"PR-2"}],"builds":[]}""");
        _rest.On("job/org/job/pay/job/PR-2/api/json", $$"""{"builds":[{{build}}]}""");
        _rest.On("job/org/job/pay/job/PR-2/1/wfapi/describe", Sample("jenkins/wfapi/multibranch-pr-2-1-describe.json"));
        _rest.On("job/org/job/pay/job/PR-2/1/execution/node/6/wfapi/describe", Sample("jenkins/wfapi/docs-node-describe.json"));

        await PassAsync("jenkins", "org/pay", TimeSpan.FromDays(10_000));

        var run = Assert.Single(_tracker.NewestFirst());
        Assert.Equal(new RunKey("jenkins", "ci.example.com", "org/pay/PR-2#1"), run.Key);
        Assert.Equal((RunResult.Timeout, "ExceededTimeout", "Timeout has been exceeded", "push"), (run.Result, run.ErrorType, run.Message, run.Trigger));
        Assert.Equal(("2", "aba54481a73573c0587f26fbd4c9788eb2bf2398"), (run.Vcs.ChangeId, run.Vcs.Commit));
        Assert.Contains("checkout:Timeout", run.Tasks.Select(t => $"{t.Name}:{t.Result}"));
        Assert.Equal(["Git", "Shell Script"], run.Tasks.First(t => t.Steps.Count > 0).Steps.Select(s => s.Name));
        Assert.All(_rest.Requests, r => Assert.Equal("Basic " + Convert.ToBase64String("secret"u8), r.Credential));
    }

    [Fact]
    public async Task What_ended_days_ago_is_no_event_of_today()
    {
        var build = Sample("buildkite/rest/build-get-docs.json");
        _rest.On("organizations/acme/builds", $"[{build.Replace("\"state\": \"passed\"", "\"state\": \"failed\"", StringComparison.Ordinal)}]");

        await PassAsync("buildkite", "acme");
        var run = Assert.Single(_tracker.NewestFirst());
        await EndAsync();

        Assert.Equal(run.FinishedAt, run.EndKnownAt);
        Assert.DoesNotContain(_samples.Series.Keys, s => s.Contains("errors_total", StringComparison.Ordinal) || s.Contains("duration", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pass_that_breaks_off_goes_on_from_its_page()
    {
        var build = Sample("buildkite/rest/build-get-docs.json");
        _rest.On("organizations/acme/builds", $"[{build}]", 200, ("Link", "<{base}/organizations/acme/builds?page=2>; rel=\"next\""));
        _rest.On("organizations/acme/builds?page=2", "", 403);
        _rest.On("organizations/acme/builds?page=2", "[]");

        await PassAsync("buildkite", "acme", expected: "failed");
        await PassAsync("buildkite", "acme");

        Assert.Equal(["page=2", "page=2"], _rest.Requests.Select(r => r.Path[(r.Path.IndexOf('?', StringComparison.Ordinal) + 1)..]).Skip(1));
    }

    [Fact]
    public async Task Servers_that_stumble_or_want_a_pause_are_asked_again()
    {
        _rest.On("organizations/acme/builds", "", 500);
        _rest.On("organizations/acme/builds", "", 429, ("Retry-After", "0"));
        _rest.On("organizations/acme/builds", "[]");

        await PassAsync("buildkite", "acme");

        Assert.Equal(3, _rest.Requests.Count);
    }

    [Theory]
    [InlineData("no json", 200, "does not answer JSON")]
    [InlineData("{}", 401, "401")]
    [InlineData("{}", 404, "no organisation")]
    [InlineData("{}", 301, "301")]
    public async Task What_does_not_work_is_said(string body, int status, string says)
    {
        _rest.On("organizations/acme/builds", body, status);

        Assert.Contains(says, (await PassAsync("buildkite", "acme", expected: "failed")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_never_follow_a_link_to_another_server()
    {
        _rest.On("organizations/acme/builds", "[]", 200, ("Link", "<http://127.0.0.1:9/steal>; rel=\"next\""));

        Assert.Contains("outside of", (await PassAsync("buildkite", "acme", expected: "failed")).Message, StringComparison.Ordinal);
    }

    string? ICursorStore.Load(string name) => _cursors.GetValueOrDefault(name);

    void ICursorStore.Save(string name, string text) => _cursors[name] = text;

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await _rest.DisposeAsync();
    }

    // What is due has been written then.
    private async Task EndAsync()
    {
        await (_tracker?.DisposeAsync() ?? ValueTask.CompletedTask);
        _tracker = null!;
    }

    private static string Sample(string path, [System.Runtime.CompilerServices.CallerMemberName] string test = "") =>
        File.ReadAllText(SharedData.Require("data/ci/" + path, test));

    private static string Job(int id, int attempt, string conclusion) =>
        $$"""{"id":{{id}},"run_id":7,"run_attempt":{{attempt}},"name":"test","status":"completed","conclusion":"{{conclusion}}","created_at":"2026-11-04T09:3{{attempt}}:00Z","started_at":"2026-11-04T09:3{{attempt}}:0{{id % 10}}Z","completed_at":"2026-11-04T09:39:00Z","steps":[]}""";

    private async Task<BackfillProgress> PassAsync(string system, string target, TimeSpan? since = null, string expected = "done")
    {
        var source = new BackfillSource
        {
            System = system, Url = _rest.Address, Token = () => "secret", Targets = [target], Since = since ?? TimeSpan.FromDays(7),
        };
        await using var service = new BackfillService(
            new BackfillOptions { Sources = [source], Cursors = this, FirstRetry = TimeSpan.FromMilliseconds(1) }, _tracker, TimeProvider.System);
        service.Start();
        using var limit = new CancellationTokenSource(Patience);
        while (service.Progress[0].State is not ("done" or "failed"))
        {
            await Task.Delay(5, limit.Token);
        }

        Assert.Equal((expected, service.Progress[0].Message), (service.Progress[0].State, service.Progress[0].Message));
        return service.Progress[0];
    }
}
