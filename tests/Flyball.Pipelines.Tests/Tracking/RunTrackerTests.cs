using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.History;
using Flyball.Pipelines.Tracking;

namespace Flyball.Pipelines.Tests.Tracking;

public sealed class RunTrackerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_task_that_arrives_before_its_run_makes_the_run()
    {
        await using var bench = await TrackerBench.StartAsync();
        await bench.Tracker.ApplyAsync([Fact("1", 5) with { Tasks = [Task("t", RunState.Executing, started: 5)] }], Stop);

        var run = Assert.Single(bench.Tracker.NewestFirst());

        Assert.Equal((RunState.Executing, At(5), null), (run.State, run.StartedAt, run.CreatedAt));
        Assert.Null(bench.Changes[0].Before);
    }

    [Fact]
    public async Task A_stale_event_does_not_take_an_end_back()
    {
        await using var bench = await TrackerBench.StartAsync();
        await bench.Tracker.ApplyAsync([Fact("1", 9, new LifeFact { State = RunState.Finished, Result = RunResult.Success })], Stop);
        await bench.Tracker.ApplyAsync([Fact("1", 99, new LifeFact { State = RunState.Executing })], Stop);

        Assert.Equal((RunState.Finished, At(9)), (bench.Tracker.NewestFirst()[0].State, bench.Tracker.NewestFirst()[0].FinishedAt));
        Assert.Single(bench.Changes);
    }

    [Fact]
    public async Task Absent_never_overwrites_and_the_later_source_time_wins()
    {
        await using var bench = await TrackerBench.StartAsync();
        await bench.Tracker.ApplyAsync([Fact("1", 2) with { Pipeline = "new", Actor = "ada" }], Stop);
        await bench.Tracker.ApplyAsync([Fact("1", 1) with { Pipeline = "old", Trigger = "push" }], Stop);
        await bench.Tracker.ApplyAsync([Fact("1", 3)], Stop);

        var run = bench.Tracker.NewestFirst()[0];
        Assert.Equal(("new", "ada", "push"), (run.Pipeline, run.Actor, run.Trigger));
    }

    [Fact]
    public async Task Facts_that_cannot_be_kept_change_nothing()
    {
        await using var bench = await TrackerBench.StartAsync();
        bench.Log.Fails = true;

        await Assert.ThrowsAsync<IOException>(async () => await bench.Tracker.ApplyAsync([Fact("1", 1)], Stop));

        Assert.Empty(bench.Tracker.NewestFirst());
        Assert.Empty(bench.Changes);
    }

    [Fact]
    public async Task Memory_is_bounded_and_the_ended_ones_go_first()
    {
        await using var bench = await TrackerBench.StartAsync(options: new RunTrackerOptions { MostRuns = 10 });
        await bench.Tracker.ApplyAsync([Fact("old but running", 1, new LifeFact { State = RunState.Executing, StartedAt = At(1) })], Stop);
        for (var i = 2; i < 40; i++)
        {
            await bench.Tracker.ApplyAsync([Fact($"{i}", i, new LifeFact { State = RunState.Finished, CreatedAt = At(i) })], Stop);
        }

        var runs = bench.Tracker.NewestFirst();
        Assert.InRange(runs.Count, 9, 10);
        Assert.Equal("39", runs[0].Key.Run);
        Assert.Equal("old but running", runs[^1].Key.Run);
        Assert.Null(bench.Tracker.Find(new RunKey("step", "", "5")));
    }

    [Fact]
    public async Task Runs_stay_in_order_when_their_beginning_becomes_known_later()
    {
        await using var bench = await TrackerBench.StartAsync();
        var random = new Random(3);
        for (var i = 0; i < 300; i++)
        {
            var run = $"{random.Next(40)}";
            await bench.Tracker.ApplyAsync([Fact(run, i, new LifeFact { CreatedAt = At(random.Next(1000)) })], Stop);
        }

        var begins = bench.Tracker.NewestFirst().Select(MemoryRow.BeginOf).ToArray();

        Assert.Equal(begins.OrderDescending(), begins);
        Assert.Equal(40, begins.Length);
    }

    [Fact]
    public async Task Enormous_texts_and_lists_are_cut_and_the_run_stays()
    {
        await using var bench = await TrackerBench.StartAsync();
        var huge = new string('x', 1_000_000);
        var steps = Enumerable.Range(0, 5000).Select(i => new StepFact { Id = $"{i}" }).ToArray();
        var tasks = Enumerable.Range(0, 5000).Select(i => Task($"t{i}", RunState.Finished, 1)).ToArray();
        tasks[0] = tasks[0] with { LogTail = huge + "end", Steps = steps };
        await bench.Tracker.ApplyAsync(
            [Fact("1", 1) with { Pipeline = huge, Attributes = Enumerable.Range(0, 500).ToDictionary(i => $"k{i}", _ => huge), Tasks = tasks }], Stop);

        var run = bench.Tracker.NewestFirst()[0];
        Assert.Equal((4096, 2000, 500, 64), (run.Pipeline.Length, run.Tasks.Count, run.Tasks.Single(t => t.Key.Id == "t0").Steps.Count, run.Attributes.Count));
        Assert.EndsWith("end", run.Tasks.Single(t => t.Key.Id == "t0").LogTail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reopened_run_is_measured_for_its_new_part_only()
    {
        var bench = await TrackerBench.StartAsync();
        await bench.Tracker.ApplyAsync([Fact("1", 10, Ended(RunResult.Failure, 0, 10, cycle: 1))], Stop);
        await bench.Tracker.ApplyAsync([Fact("1", 20, new LifeFact { State = RunState.Executing, Cycle = new(2) })], Stop);
        await bench.Tracker.ApplyAsync([Fact("1", 25, Ended(RunResult.Success, 0, 25, cycle: 2))], Stop);
        await bench.DisposeAsync();

        const string Sum = """cicd_pipeline_run_duration_seconds_sum{cicd_pipeline_name="", cicd_pipeline_result="success", cicd_pipeline_run_state="executing", flyball_system="step"}""";
        Assert.Equal(15, bench.Samples.Last(Sum.Replace("cicd_pipeline_name=\"\", ", "", StringComparison.Ordinal)));
        Assert.Equal(1, bench.Samples.Last("""cicd_pipeline_run_errors_total{error_type="_OTHER", flyball_system="step"}"""));
    }

    [Fact]
    public async Task A_new_counter_says_zero_first_and_only_changes_are_written_between_intervals()
    {
        var bench = await TrackerBench.StartAsync();
        await bench.Tracker.ApplyAsync([Fact("1", 10, Ended(RunResult.Failure, 0, 10, cycle: 0)) with { Pipeline = "a" }], Stop);
        await bench.DisposeAsync();

        var samples = bench.Samples.Series["""cicd_pipeline_run_errors_total{cicd_pipeline_name="a", error_type="_OTHER", flyball_system="step"}"""];
        Assert.Equal([0, 1], samples.Take(2).Select(s => s.Value));
        Assert.All(bench.Samples.Series.Values, s => Assert.Equal(s.Select(x => x.At).Order().Distinct(), s.Select(x => x.At)));
    }

    [Fact]
    public async Task Runs_that_never_end_are_counted_when_they_have_gone_on_for_long()
    {
        const string Stuck = """cicd_pipeline_run_stuck{cicd_pipeline_name="a", flyball_system="step"}""";
        const string Active = """cicd_pipeline_run_active{cicd_pipeline_name="a", cicd_pipeline_run_state="executing", flyball_system="step"}""";
        var log = new MemoryRunLog();
        var goesOn = new LifeFact { State = RunState.Executing };
        var first = await TrackerBench.StartAsync(log, start: DateTimeOffset.UnixEpoch.AddHours(1));
        var heard = TimestampNs.Now(first.Clock);
        await first.Tracker.ApplyAsync([Fact("1", 1, goesOn) with { Pipeline = "a", ReceivedAt = heard }], Stop);
        await first.Tracker.ApplyAsync([Fact("2", 1, goesOn) with { Pipeline = "a", ReceivedAt = heard }], Stop);
        first.Clock.Advance(TimeSpan.FromSeconds(20));
        await first.DisposeAsync();
        var second = await TrackerBench.StartAsync(log, start: DateTimeOffset.UnixEpoch.AddHours(2.1));
        await second.Tracker.ApplyAsync([Fact("2", 9, Ended(RunResult.Success, 0, 9, cycle: 0)) with { Pipeline = "a" }], Stop);
        second.Clock.Advance(TimeSpan.FromSeconds(20));
        await second.DisposeAsync();
        var third = await TrackerBench.StartAsync(log, start: DateTimeOffset.UnixEpoch.AddHours(25.1));
        await third.DisposeAsync();

        Assert.Equal((0, 2), (first.Samples.Last(Stuck), first.Samples.Last(Active)));
        Assert.Equal((1, 1), (second.Samples.Last(Stuck), second.Samples.Last(Active)));
        Assert.DoesNotContain(Stuck, third.Samples.Series.Keys);
    }

    [Fact]
    public async Task Spans_that_could_not_be_stored_are_stored_later()
    {
        var bench = await TrackerBench.StartAsync();
        bench.Spans.Fails = true;
        await bench.Tracker.ApplyAsync([Fact("1", 10, Ended(RunResult.Success, 0, 10, cycle: 0))], Stop);
        for (var i = 0; i < 5; i++)
        {
            bench.Clock.Advance(TimeSpan.FromSeconds(1));
            await System.Threading.Tasks.Task.Yield();
        }

        Assert.Equal(0, bench.Spans.Count);
        bench.Spans.Fails = false;
        await bench.DisposeAsync();

        Assert.Equal(1, bench.Spans.Count);
    }

    [Fact]
    public async Task After_a_restart_the_spans_of_recent_runs_are_written_again()
    {
        var log = new MemoryRunLog();
        await using (var first = await TrackerBench.StartAsync(log))
        {
            await first.Tracker.ApplyAsync([Fact("1", 10, Ended(RunResult.Success, 0, 10, cycle: 0))], Stop);
        }

        var second = await TrackerBench.StartAsync(log);
        await second.DisposeAsync();

        Assert.Equal(1, second.Spans.Count);
        Assert.DoesNotContain(second.Samples.Series, s => s.Key.Contains("_count", StringComparison.Ordinal));
    }

    private static TimestampNs At(double seconds) => Step.StepStory.At(seconds);

    private static RunFact Fact(string run, double at, LifeFact? life = null) => new()
    {
        Run = new RunKey("step", "", run),
        SourceTime = At(at),
        ReceivedAt = At(at),
        Life = life,
    };

    private static LifeFact Ended(RunResult result, double from, double until, ulong cycle) => new()
    {
        State = RunState.Finished,
        Result = result,
        StartedAt = At(from),
        FinishedAt = At(until),
        Cycle = new TimestampNs(cycle),
    };

    private static TaskFact Task(string id, RunState state, double started) =>
        new() { Key = new TaskKey(id), Life = new LifeFact { State = state, StartedAt = At(started) } };
}
