using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Pipelines.Step;
using Flyball.Pipelines.Tests.Step;
using Flyball.Pipelines.Tests.Tracking;
using Flyball.Pipelines.VirtualSeries;

namespace Flyball.Pipelines.Tests.VirtualSeries;

public sealed class RunSeriesSourceTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2.9, null)]
    [InlineData(3, 1.0)]
    [InlineData(6.5, 1.0)]
    [InlineData(7, 0.0)]
    [InlineData(250, 0.0)]
    [InlineData(400, null)]
    public async Task A_task_is_failing_from_its_failure_until_a_later_attempt_succeeds(double at, double? value)
    {
        await using var bench = await FlakyAsync();
        bench.Clock.Advance(TimeSpan.FromMinutes(30));

        Assert.Equal(value, InstantValue(bench, at, Name("ci_task_failing")));
    }

    [Theory]
    [InlineData(100, 1.0)]
    [InlineData(3500, 1.0)]
    [InlineData(3604, null)]
    public async Task Without_another_attempt_a_failure_stays_of_interest_for_an_hour(double at, double? value)
    {
        await using var bench = await TrackerBench.StartAsync();
        await new SpanRunObserver(bench.Tracker).ObserveAsync(StepStory.TaskEnded(1, 3, "test", 1, "failure", 2), StepStory.At(3), Stop);
        bench.Clock.Advance(TimeSpan.FromHours(3));

        Assert.Equal(value, InstantValue(bench, at, Name("ci_task_failing")));
    }

    [Fact]
    public async Task The_future_is_not_told()
    {
        await using var bench = await FlakyAsync();
        bench.Clock.Advance(TimeSpan.FromSeconds(3.5));

        Assert.Equal(1, InstantValue(bench, 4000, Name("ci_task_failing"), lookbackSeconds: 4000));
    }

    [Fact]
    public async Task A_sender_whose_clock_is_ahead_is_heard_at_once()
    {
        await using var bench = await TrackerBench.StartAsync();
        bench.Clock.Advance(TimeSpan.FromSeconds(3));
        await new SpanRunObserver(bench.Tracker).ObserveAsync(StepStory.TaskEnded(1, 63, "test", 1, "failure", 2), StepStory.At(3), Stop);

        Assert.Equal(1, InstantValue(bench, 3, Name("ci_task_failing")));
    }

    [Fact]
    public async Task Labels_say_all_that_is_known()
    {
        await using var bench = await FlakyAsync();
        bench.Clock.Advance(TimeSpan.FromMinutes(1));

        using var selection = Select(bench, Name("ci_task_duration_seconds"), new Matcher(MatchOp.Equal, "attempt", "1"));

        Assert.Equal(
            $$"""ci_task_duration_seconds{actor="ada", attempt="1", branch="main", commit="c0ffee", error_type="exit_2", pipeline="shop", result="failure", run_attempt="1", run_id="run-17", system="step", task="test", task_type="test", trace_id="{{StepStory.Trace}}", trigger="push"}""",
            selection.Labels(0).ToString());
        Assert.Equal(1, selection.Count);
    }

    [Theory]
    [InlineData("ci_run_duration_seconds", 8.0)]
    [InlineData("ci_run_failed", 0.0)]
    public async Task A_finished_run_has_its_sample_at_its_end(string name, double value)
    {
        await using var bench = await FlakyAsync();
        bench.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(value, InstantValue(bench, 8, Name(name)));
        Assert.Null(InstantValue(bench, 7.9, Name(name)));
    }

    [Fact]
    public async Task Series_come_in_label_order_and_only_those_that_match()
    {
        await using var bench = await FlakyAsync();
        bench.Clock.Advance(TimeSpan.FromMinutes(1));

        using var all = Select(bench);
        using var some = Select(bench, new Matcher(MatchOp.Regex, "__name__", "ci_run_.*"), new Matcher(MatchOp.NotEqual, "branch", ""));
        using var none = Select(bench, Name("up"));

        var labels = Enumerable.Range(0, all.Count).Select(all.Labels).ToArray();
        Assert.Equal(5, labels.Length);
        Assert.Equal(labels.Order(), labels);
        Assert.Equal(2, some.Count);
        Assert.Equal(0, none.Count);
        Assert.Throws<SeriesLimitException>(() => Source(bench).Select(Query() with { SeriesLimit = 4 }, Stop));
    }

    [Fact]
    public async Task Names_and_values_of_labels_are_listed()
    {
        await using var bench = await FlakyAsync();
        bench.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Contains("commit", Source(bench).LabelNames(Query(), Stop));
        Assert.Equal(["failure", "success"], Source(bench).LabelValues("result", Query(), Stop));
        Assert.Equal(SeriesNames.All, Source(bench).LabelValues("__name__", Query(), Stop));
    }

    [Fact]
    public async Task What_changed_is_named_for_reactive_rules()
    {
        await using var bench = await FlakyAsync();

        Assert.Equal(
            ["", "ci_task_duration_seconds ci_task_failing", "ci_run_duration_seconds ci_run_failed",
                "ci_task_duration_seconds ci_task_failing", "ci_run_duration_seconds ci_run_failed"],
            bench.Changes.Select(c => string.Join(' ', c.ChangedSeries)));
        Assert.Equal(StepStory.At(3), bench.Changes[1].CausedAt);
    }

    private static async Task<TrackerBench> FlakyAsync()
    {
        var bench = await TrackerBench.StartAsync();
        var observer = new SpanRunObserver(bench.Tracker);
        await bench.Tracker.ApplyAsync(StepStory.Started(0), Stop);
        await observer.ObserveAsync(StepStory.TaskEnded(1, 3, "test", 1, "failure", 2), StepStory.At(3), Stop);
        await observer.ObserveAsync(StepStory.RunEnded(0, 4, "failure"), StepStory.At(4), Stop);
        await observer.ObserveAsync(StepStory.TaskEnded(6, 7, "test", 2, "success", 0), StepStory.At(7), Stop);
        await observer.ObserveAsync(StepStory.RunEnded(0, 8, "success"), StepStory.At(8), Stop);
        return bench;
    }

    private static Matcher Name(string name) => new(MatchOp.Equal, LabelSet.MetricNameLabel, name);

    private static RunSeriesSource Source(TrackerBench bench) => new(bench.Tracker, bench.Clock);

    private static SeriesQuery Query(params Matcher[] matchers) => new(TimeRange.All, matchers);

    private static ISeriesSelection Select(TrackerBench bench, params Matcher[] matchers) => Source(bench).Select(Query(matchers), Stop);

    /// <summary>What an instant query sees: the newest sample of the last five minutes, unless it ends the series.</summary>
    private static double? InstantValue(TrackerBench bench, double atSeconds, Matcher name, double lookbackSeconds = 300)
    {
        var at = StepStory.At(atSeconds).ToMs();
        var range = new TimeRange(at - new DurationMs((long)(lookbackSeconds * 1000) - 1), at);
        using var selection = Source(bench).Select(new SeriesQuery(range, [name]), Stop);
        using var samples = new SampleColumns();
        Assert.InRange(selection.Count, 0, 1);
        if (selection.Count == 1)
        {
            selection.Read(0, samples, Stop);
        }

        return samples.Count == 0 || StaleMarker.Is(samples.Values[^1]) ? null : samples.Values[^1];
    }
}
