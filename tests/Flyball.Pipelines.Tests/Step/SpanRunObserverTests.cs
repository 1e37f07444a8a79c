using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.Step;
using Flyball.Pipelines.Tests.Tracking;

namespace Flyball.Pipelines.Tests.Step;

public sealed class SpanRunObserverTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_running_task_shows_as_soon_as_it_is_announced()
    {
        await using var bench = await TrackerBench.StartAsync();
        await bench.Tracker.ApplyAsync(StepStory.Started(0), Stop);
        await bench.Tracker.ApplyAsync(StepStory.Started(1, "test"), Stop);

        var run = bench.Tracker.Find(StepStory.Trace)!;

        Assert.Equal((RunState.Executing, "shop", "main", "c0ffee", "ada"), (run.State, run.Pipeline, run.Vcs.HeadName, run.Vcs.Commit, run.Actor));
        var task = Assert.Single(run.Tasks);
        Assert.Equal((RunState.Executing, "test", 1, StepStory.At(1)), (task.State, task.Name, task.Attempt, task.StartedAt));
        Assert.Equal(StepStory.TaskSpan("test", 1), task.SpanId);
    }

    [Fact]
    public async Task Spans_tell_the_ends_and_a_second_root_mends_the_run()
    {
        await using var bench = await TrackerBench.StartAsync();
        var observer = new SpanRunObserver(bench.Tracker);
        await bench.Tracker.ApplyAsync(StepStory.Started(0), Stop);
        await bench.Tracker.ApplyAsync(StepStory.Started(1, "test"), Stop);
        await observer.ObserveAsync(StepStory.TaskEnded(1, 3, "test", 1, "failure", 2), StepStory.At(3), Stop);
        await observer.ObserveAsync(StepStory.RunEnded(0, 4, "failure"), StepStory.At(4), Stop);
        var failed = bench.Tracker.Find(StepStory.Trace)!;
        await bench.Tracker.ApplyAsync(StepStory.Started(6, "test", attempt: 2), Stop);
        await observer.ObserveAsync(StepStory.TaskEnded(6, 7, "test", 2, "success", 0), StepStory.At(7), Stop);
        await observer.ObserveAsync(StepStory.RunEnded(0, 8, "success"), StepStory.At(8), Stop);

        var run = bench.Tracker.Find(StepStory.Trace)!;

        Assert.Equal((RunState.Finished, RunResult.Failure), (failed.State, failed.Result));
        Assert.Equal((RunState.Finished, RunResult.Success, StepStory.At(8)), (run.State, run.Result, run.FinishedAt));
        Assert.Equal(["test#1:failure:2:exit_2", "test#2:success:0:"], run.Tasks.Select(t => $"{t.Name}#{t.Attempt}:{RunWords.Of(t.Result)}:{t.ExitCode}:{t.ErrorType}"));
        Assert.Equal("test says failure", run.Tasks[0].LogTail);
    }

    [Fact]
    public async Task Any_order_of_announcements_and_spans_gives_the_same_run()
    {
        await using var bench = await TrackerBench.StartAsync();
        var observer = new SpanRunObserver(bench.Tracker);
        RunFact[] facts =
        [
            .. StepStory.Started(0), .. StepStory.Started(1, "test"), .. StepStory.Started(6, "test", 2),
            .. observer.Read(StepStory.TaskEnded(1, 3, "test", 1, "failure", 2), default),
            .. observer.Read(StepStory.RunEnded(0, 4, "failure"), default),
            .. observer.Read(StepStory.TaskEnded(6, 7, "test", 2, "success", 0), default),
            .. observer.Read(StepStory.RunEnded(0, 8, "success"), default),
        ];
        facts = [.. facts.Select(f => f with { ReceivedAt = StepStory.At(9) })];
        string? expected = null;
        for (var seed = 0; seed < 60; seed++)
        {
            await using var one = await TrackerBench.StartAsync();
            var random = new Random(seed);
            var shuffled = facts.Concat(facts.Where(_ => random.Next(3) == 0)).ToArray();
            random.Shuffle(shuffled);
            foreach (var fact in shuffled)
            {
                await one.Tracker.ApplyAsync([fact], Stop);
            }

            var text = TrackerBench.TextOf(one.Tracker.Find(StepStory.Trace)!);
            Assert.Equal(expected ??= text, text);
        }
    }

    [Fact]
    public async Task No_spans_are_made_where_the_sender_sends_its_own()
    {
        var bench = await TrackerBench.StartAsync();
        var observer = new SpanRunObserver(bench.Tracker);
        await bench.Tracker.ApplyAsync(StepStory.Started(1, "test"), Stop);
        await observer.ObserveAsync(StepStory.TaskEnded(1, 3, "test", 1, "failure", 2), StepStory.At(3), Stop);
        await observer.ObserveAsync(StepStory.RunEnded(0, 4, "failure"), StepStory.At(4), Stop);
        await bench.DisposeAsync();

        Assert.Equal(0, bench.Spans.Count);
    }

    [Fact]
    public async Task Children_of_a_task_are_its_steps_whether_they_come_with_it_or_later()
    {
        await using var bench = await TrackerBench.StartAsync();
        var observer = new SpanRunObserver(bench.Tracker);
        var first = StepStory.TaskEnded(1, 3, "test", 1, "success", 0);
        StepStory.AddChild(first, StepStory.TaskSpan("test", 1), new SpanId(1), "compile", 1, 2);
        await observer.ObserveAsync(first, StepStory.At(3), Stop);
        var later = StepStory.RunEnded(0, 4, "success");
        StepStory.AddChild(later, StepStory.TaskSpan("test", 1), new SpanId(2), "check", 2, 3);
        StepStory.AddChild(later, new SpanId(2), new SpanId(3), "deep inside", 2, 3);
        await observer.ObserveAsync(later, StepStory.At(4), Stop);

        Assert.Equal(["compile", "check"], bench.Tracker.Find(StepStory.Trace)!.Tasks[0].Steps.Select(s => s.Name));
    }

    [Fact]
    public async Task Spans_of_services_are_no_runs()
    {
        await using var bench = await TrackerBench.StartAsync();
        var batch = new SpanBatch();
        batch.AddResource();
        batch.AddScope(default, default);
        batch.AddSpan(new SpanRow { TraceId = new(1, 1), SpanId = new(1), Kind = SpanKind.Server, Name = batch.Store("GET /") });

        await new SpanRunObserver(bench.Tracker).ObserveAsync(batch, default, Stop);

        Assert.Empty(bench.Tracker.NewestFirst());
        Assert.Empty(bench.Log.Facts);
    }

    [Theory]
    [InlineData("{}", 422)]
    [InlineData("[]", 400)]
    [InlineData("nonsense", 400)]
    [InlineData("{\"event\":\"started\"}", 400)]
    [InlineData("{\"event\":\"started\",\"runId\":\"1\",\"at\":\"yesterday\"}", 400)]
    [InlineData("{\"event\":\"vanished\",\"runId\":\"1\",\"at\":\"2026-01-05T12:00:00Z\"}", 422)]
    [InlineData("{\"event\":\"started\",\"runId\":\"1\",\"at\":\"2026-01-05T12:00:00Z\",\"attempt\":-9,\"traceId\":\"zz\",\"task\":7}", 202)]
    public void Announcements_that_are_none_are_refused(string body, int status)
    {
        var request = new HookRequest(
            new Microsoft.AspNetCore.Http.HeaderDictionary(), new Microsoft.AspNetCore.Http.QueryCollection(),
            System.Text.Encoding.UTF8.GetBytes(body), default);

        var verdict = new StepConnector(() => []).Read(request);

        Assert.Equal(status, verdict is HookVerdict.Refused no ? no.Status : 202);
    }
}
