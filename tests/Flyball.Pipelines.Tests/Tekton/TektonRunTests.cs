using System.Text.Json.Nodes;
using Flyball.Model.Runs;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.Tests.Tracking;
using Flyball.Testing;

namespace Flyball.Pipelines.Tests.Tekton;

public sealed class TektonRunTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_with_a_retry_succeeds_with_every_attempt_kept()
    {
        await using var bench = await TrackerBench.StartAsync();
        await bench.Tracker.ApplyAsync(TektonStream.FactsOf("run-7xk2p-success-with-retry"), Stop);

        var run = Assert.Single(bench.Tracker.NewestFirst());

        Assert.Equal("5314f0e11a8ec61211a0000686e14050", run.TraceId.ToString());
        Assert.Equal("98aca5c7934da61d", run.SpanId.ToString());
        Assert.Equal(("build-and-deploy", RunState.Finished, RunResult.Success), (run.Pipeline, run.State, run.Result));
        Assert.Equal("9d59409acf479dfa0df1aa568182e43e43df8bbe", run.Vcs.Commit);
        Assert.Equal(("main", "jdoe", "push", "https://github.com/acme/payments"), (run.Vcs.HeadName, run.Actor, run.Trigger, run.Vcs.RepositoryUrl));
        Assert.Equal(
            ["fetch#1:success", "unit-test#1:failure", "unit-test#2:success", "deploy#1:success", "notify#1:success", "integration#1:skip"],
            run.Tasks.Select(t => $"{t.Name}#{t.Attempt}:{RunWords.Of(t.Result)}"));
        var failed = run.Tasks[1];
        Assert.Equal("2bbf42fa3a2bdc79", failed.SpanId.ToString());
        Assert.Equal("b758e4adb4fffbe5", run.Tasks[2].SpanId.ToString());
        Assert.Equal((2, "Failed"), (failed.ExitCode, failed.ErrorType));
        Assert.Equal(["vet:success", "test:failure"], failed.Steps.Select(s => $"{s.Name}:{RunWords.Of(s.Result)}"));
    }

    [Theory]
    [InlineData("run-c4nc1-cancelled", RunResult.Cancellation, "unit-test:cancellation")]
    [InlineData("run-t1m3o-timeout", RunResult.Timeout, "deploy:timeout notify:skip")]
    public async Task What_failed_by_being_stopped_is_told_apart(string folder, RunResult result, string tasks)
    {
        await using var bench = await TrackerBench.StartAsync();
        await bench.Tracker.ApplyAsync(TektonStream.FactsOf(folder), Stop);

        var run = Assert.Single(bench.Tracker.NewestFirst());

        Assert.Equal(result, run.Result);
        Assert.Equal(tasks, string.Join(' ', run.Tasks.Select(t => $"{t.Name}:{RunWords.Of(t.Result)}")));
    }

    [Theory]
    [InlineData("run-7xk2p-success-with-retry")]
    [InlineData("run-c4nc1-cancelled")]
    [InlineData("run-t1m3o-timeout")]
    public async Task Any_order_and_any_repetition_give_the_same_run(string folder)
    {
        var facts = TektonStream.FactsOf(folder);
        var expected = await EndOfAsync(facts);
        for (var seed = 0; seed < 80; seed++)
        {
            var random = new Random(seed);
            var shuffled = facts.Concat(facts.Where(_ => random.Next(2) == 0)).ToArray();
            random.Shuffle(shuffled);

            Assert.Equal(expected, await EndOfAsync(shuffled));
        }
    }

    [Theory]
    [InlineData("run-7xk2p-success-with-retry")]
    [InlineData("run-t1m3o-timeout")]
    public async Task Dropped_events_that_are_delivered_again_later_change_nothing(string folder)
    {
        var facts = TektonStream.FactsOf(folder);
        var expected = await EndOfAsync(facts);
        for (var dropped = 0; dropped < facts.Count; dropped++)
        {
            var late = facts.Where((_, i) => i != dropped).Append(facts[dropped]).ToArray();

            Assert.Equal(expected, await EndOfAsync(late));
        }
    }

    [Fact]
    public async Task A_restart_rebuilds_the_run()
    {
        var log = new MemoryRunLog();
        await using var bench = await TrackerBench.StartAsync(log);
        await bench.Tracker.ApplyAsync(TektonStream.FactsOf("run-7xk2p-success-with-retry"), Stop);

        await using var again = await TrackerBench.StartAsync(log);

        Assert.Equal(TrackerBench.TextOf(bench.Tracker.NewestFirst()[0]), TrackerBench.TextOf(again.Tracker.NewestFirst()[0]));
    }

    [Fact]
    public async Task Its_spans_follow_the_conventions()
    {
        var bench = await TrackerBench.StartAsync();
        await bench.Tracker.ApplyAsync(TektonStream.FactsOf("run-7xk2p-success-with-retry"), Stop);
        await bench.DisposeAsync();

        var root = bench.Spans.Named("RUN build-and-deploy");
        Assert.Equal(Flyball.Model.Spans.SpanKind.Server, root.Row.Kind);
        Assert.True(root.Row.ParentId.IsZero);
        Assert.Equal("success", root.Attributes["cicd.pipeline.result"]);
        Assert.All(bench.Spans.All.Where(s => s.Attributes.ContainsKey("cicd.pipeline.task.name")), s => Assert.Equal(root.Row.SpanId, s.Row.ParentId));
        var failed = bench.Spans.All.Single(s => s.Name == "unit-test" && s.Attributes["flyball.task.attempt"] == "1");
        Assert.Equal(Flyball.Model.Spans.SpanStatus.Error, failed.Row.Status);
        Assert.Equal(("failure", "Failed", "2"), (
            failed.Attributes["cicd.pipeline.task.run.result"], failed.Attributes["error.type"], failed.Attributes["process.exit.code"]));
        Assert.Equal(2, bench.Spans.All.Count(s => s.Row.ParentId == failed.Row.SpanId));
        Assert.All(bench.Spans.All, s => Assert.Equal("5314f0e11a8ec61211a0000686e14050", s.Row.TraceId.ToString()));
    }

    [Fact]
    public async Task Redelivered_events_count_once()
    {
        var bench = await TrackerBench.StartAsync();
        var facts = TektonStream.FactsOf("run-7xk2p-success-with-retry");
        await bench.Tracker.ApplyAsync(facts, Stop);
        await bench.Tracker.ApplyAsync(facts, Stop);
        await bench.DisposeAsync();

        Assert.Equal(1, bench.Samples.Last(
            """cicd_pipeline_run_duration_seconds_count{cicd_pipeline_name="build-and-deploy", cicd_pipeline_result="success", cicd_pipeline_run_state="finalizing", flyball_system="tekton"}"""));
        Assert.Equal(398, bench.Samples.Last(
            """cicd_pipeline_run_duration_seconds_sum{cicd_pipeline_name="build-and-deploy", cicd_pipeline_run_state="executing", flyball_system="tekton"}"""));
        Assert.Equal(2, bench.Samples.Last(
            """cicd_pipeline_run_duration_seconds_sum{cicd_pipeline_name="build-and-deploy", cicd_pipeline_run_state="pending", flyball_system="tekton"}"""));
    }

    [Theory]
    [InlineData("stepoom", "StepOOM", "exited with code 137: OOMKilled", "OOMKilled 137")]
    [InlineData("taskrunimagepullfailed", "TaskRunImagePullFailed", "failed to pull the image", "TaskRunImagePullFailed 1")]
    public async Task Out_of_memory_and_a_missing_image_are_errors_that_bear_their_names(string sample, string reason, string message, string step)
    {
        var run = await RunOfAsync(File.ReadAllBytes(SharedData.Require($"data/ci/tekton/cloudevents/taskrun-failed-{sample}.json")));

        var task = Assert.Single(run.Tasks);
        Assert.Equal((RunResult.Error, reason, RunResult.Error, reason), (run.Result, run.ErrorType, task.Result, task.ErrorType));
        Assert.Contains(message, task.Message, StringComparison.Ordinal);
        Assert.Equal(step, $"{task.Steps[0].ErrorType} {task.Steps[0].ExitCode}");
    }

    [Fact]
    public async Task An_eviction_is_an_error_though_no_step_could_say_how_it_ended()
    {
        var body = JsonNode.Parse(File.ReadAllText(SharedData.Require("data/ci/tekton/cloudevents/taskrun-failed-stepoom.json")))!;
        var status = body["taskRun"]!["status"]!.AsObject();
        status["conditions"]![0]!["reason"] = "PodEvicted";
        status["conditions"]![0]!["message"] = "The node was low on resource: ephemeral-storage";
        status.Remove("steps");

        var run = await RunOfAsync(System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()));

        var task = Assert.Single(run.Tasks);
        Assert.Equal((RunResult.Error, "PodEvicted", (int?)null), (task.Result, task.ErrorType, task.ExitCode));
        Assert.Equal("The node was low on resource: ephemeral-storage", task.Message);
    }

    private static async Task<PipelineRun> RunOfAsync(byte[] body)
    {
        await using var bench = await TrackerBench.StartAsync();
        await bench.Tracker.ApplyAsync(Assert.IsType<HookVerdict.Facts>(TektonStream.Read(TektonStream.Request(body))).Of, Stop);
        return Assert.Single(bench.Tracker.NewestFirst());
    }

    private static async Task<string> EndOfAsync(IReadOnlyList<RunFact> facts)
    {
        await using var bench = await TrackerBench.StartAsync();
        foreach (var fact in facts)
        {
            await bench.Tracker.ApplyAsync([fact], CancellationToken.None);
        }

        return TrackerBench.TextOf(Assert.Single(bench.Tracker.NewestFirst()));
    }
}
