using Flyball.Model.Runs;
using Flyball.Pipelines.History;
using Flyball.Pipelines.Questions;
using static Flyball.Pipelines.Tests.Questions.RunStory;

namespace Flyball.Pipelines.Tests.Questions;

public sealed class QuestionTests
{
    [Fact]
    public void Longest_counts_what_goes_on_and_leaves_out_what_is_short()
    {
        var answer = new LongestRuns().Ask(
            [Run("1", 0, 100), Run("2", 10, 700), Run("3", 20, 60), Run("4", 600, null)], limit: 2, with: ("longer-than", "90s"));

        Assert.Equal([IdOf("4"), IdOf("2")], answer.Column("id"));
        Assert.Equal([3000.0, 700.0], answer.Column("durationSeconds"));
        Assert.Equal(["executing", "success"], answer.Column("outcome"));
        Assert.Equal(3, answer.Total);
    }

    [Fact]
    public void A_run_is_slow_by_what_its_branch_took_before_it_and_one_outlier_does_not_make_slowness_usual()
    {
        double[] seconds = [100, 110, 90, 105, 95, 900, 100];
        var before = seconds.Select((s, i) => Run($"{i}", i * 10, s));

        var answer = new SlowerThanUsual().Ask([.. before, Run("slow", 500, 140), Run("fine", 600, 112)], filter: r => r.Text(RunColumn.Number) is "slow" or "fine");

        // Median 100, deviations 0 10 10 5 5 800 0, MAD 5.
        Assert.Equal([IdOf("slow")], answer.Column("id"));
        Assert.Equal(100.0, answer.Value(0, "usualSeconds"));
        Assert.Equal(40 / (1.4826 * 5), (double)answer.Value(0, "score")!, 6);
    }

    [Fact]
    public void A_new_branch_is_compared_with_main()
    {
        var main = Enumerable.Range(0, 6).Select(i => Run($"{i}", i, 60));

        var answer = new SlowerThanUsual().Ask([.. main, Run("t", 50, 66).On("topic"), Run("u", 60, 61).On("topic")], with: ("main", "main"));

        Assert.Equal([IdOf("t")], answer.Column("id"));
        Assert.Equal(["main"], answer.Column("usualOf"));
        // Six equal durations: a hundredth of the median stands in for the spread.
        Assert.Equal(10.0, (double)answer.Value(0, "score")!, 6);
    }

    [Fact]
    public void Too_few_successes_make_nothing_unusual() =>
        Assert.Empty(new SlowerThanUsual().Ask([.. Enumerable.Range(0, 4).Select(i => Run($"{i}", i, 10)), Run("x", 50, 9999)]).Rows);

    [Fact]
    public void The_critical_path_leads_back_from_the_end_and_names_the_gaps()
    {
        var run = Run("1", 0, 100, RunResult.Success, Task("build", 5, 30), Task("lint", 5, 12), Task("test", 30, 80), Task("scan", 32, 60), Task("deploy", 85, 98));

        var answer = new CriticalPathOfRun().Ask([run], with: ("id", IdOf("1").ToString()));

        Assert.Equal(["build", "test", "deploy"], answer.Column("task"));
        Assert.Equal([5.0, 0.0, 5.0], answer.Column("gapSeconds"));
        Assert.Equal(("test", 88.0, 12.0, 2.0), (Fact(answer, "bottleneck"), Fact(answer, "pathSeconds"), Fact(answer, "gapSeconds"), Fact(answer, "lastGapSeconds")));
    }

    [Fact]
    public void The_bottleneck_is_what_is_longest_on_the_path_not_what_runs_longest_beside_it()
    {
        var runs = Enumerable.Range(0, 3).Select(i => Run($"{i}", 0, 100, RunResult.Success, Task("build", 0, 60), Task("cache", 1, 59), Task("test", 60, 100)));

        var answer = new Bottleneck().Ask(runs);

        Assert.Equal(["build", "test"], answer.Column("task"));
        Assert.Equal([180.0, 120.0], answer.Column("pathSeconds"));
        Assert.Equal([3, 0], answer.Column("longestOf"));
        Assert.Equal([0.6, 0.4], answer.Column("share"));
    }

    [Fact]
    public void The_error_rate_of_a_task_is_told_step_by_step()
    {
        var answer = new ErrorRate().Ask(
            [
                Run("1", 0, 10, RunResult.Failure, Task("test", 0, 5, RunResult.Failure), Task("test", 5, 10, RunResult.Failure, 2), Task("deploy", 0, 0, RunResult.Skip)),
                Run("2", 60, 10, RunResult.Success, Task("test", 60, 65, RunResult.Timeout), Task("test", 65, 70, RunResult.Success, 2)),
                Run("3", 700, 10, RunResult.Success, Task("test", 700, 705)),
            ],
            with: ("step", "10m"));

        Assert.Equal([4, 1], answer.Column("attempts"));
        Assert.Equal([0.75, 0.0], answer.Column("share"));
        Assert.Equal(1, answer.Total);
    }

    [Fact]
    public void Two_branches_stand_side_by_side()
    {
        var answer = new BranchComparison().Ask(
            [
                Run("1", 0, 10), Run("2", 1, 20), Run("3", 2, 30, RunResult.Failure),
                Run("4", 3, 30).On("topic"), Run("5", 4, 30).On("topic"), Run("6", 5, 1).On("other"), Run("7", 6, 1, RunResult.Cancellation).On("topic"),
            ],
            with: ("this", "topic"));

        var row = Assert.Single(answer.Rows);
        Assert.Equal(["", "shop", "", 2, 3, 0.0, 1.0 / 3, 30.0, 15.0, 2.0], row);
    }

    [Fact]
    public void Waiting_is_told_by_pipeline_with_those_that_still_wait()
    {
        var waiting = Run("3", 30, null) with { State = RunState.Pending, StartedAt = null };
        var answer = new QueueTime().Ask([Run("1", 10, 5) with { CreatedAt = At(0) }, Run("2", 50, 5) with { CreatedAt = At(20) }, waiting]);

        Assert.Equal(["", "shop", "", 2, 1, 20.0, 29.0, 30.0], Assert.Single(answer.Rows));
    }

    [Fact]
    public void A_break_lies_between_the_last_good_and_the_first_bad_run()
    {
        PipelineRun[] runs =
        [
            Run("1", 0, 10, RunResult.Failure), Run("2", 10, 10, RunResult.Success, Task("test", 10, 20)) with { Actor = "ada" },
            Run("3", 20, 10, RunResult.Cancellation),
            Run("4", 30, 10, RunResult.Failure, Task("test", 30, 40, RunResult.Failure), Task("lint", 30, 31)) with { Actor = "grace" },
            Run("5", 40, 10, RunResult.Timeout), Run("6", 0, 10, RunResult.Failure).On("healed"), Run("7", 5, 10).On("healed"),
        ];

        var answer = new LastGoodFirstBad().Ask(runs);

        Assert.Equal((IdOf("2"), IdOf("4"), 2), (answer.Value(0, "lastGood"), answer.Value(0, "firstBad"), answer.Value(0, "badRuns")));
        Assert.Equal(("c2", "c4", "test"), (answer.Value(0, "lastGoodCommit"), answer.Value(0, "firstBadCommit"), answer.Value(0, "failedTasks")));
        Assert.Equal("actor ada -> grace; task lint is new", answer.Value(0, "changed"));
        Assert.Equal(1, answer.Total);
        Assert.Equal(["bad", "good again"], new LastGoodFirstBad().Ask(runs, with: ("healed", "true")).Column("state"));
    }

    [Fact]
    public void A_task_is_flaky_by_retries_and_by_commits_that_went_both_ways()
    {
        var answer = new FlakyTasks().Ask(
        [
            Run("1", 0, 10, RunResult.Success, Task("test", 0, 5, RunResult.Failure), Task("test", 5, 10, RunResult.Success, 2), Task("lint", 0, 1)),
            Run("2", 10, 10, RunResult.Failure, Task("test", 10, 15, RunResult.Failure), Task("lint", 10, 11, RunResult.Failure)).On("main", "same"),
            Run("3", 20, 10, RunResult.Success, Task("test", 20, 25), Task("lint", 20, 21, RunResult.Failure)).On("main", "same"),
            Run("4", 30, 10, RunResult.Failure, Task("test", 30, 35, RunResult.Failure)).On("main", "broken"),
        ]);

        Assert.Equal(["test"], answer.Column("task"));
        Assert.Equal((4, 2, 1, 1, 0.5),
            (answer.Value(0, "runs"), answer.Value(0, "failed"), answer.Value(0, "retried"), answer.Value(0, "mixedCommits"), answer.Value(0, "flakiness")));
        Assert.InRange((double)answer.Value(0, "atLeast")!, 0.14, 0.16);
    }

    [Fact]
    public void A_run_is_stuck_when_it_takes_three_times_the_usual()
    {
        PipelineRun[] runs =
        [
            .. Enumerable.Range(0, 6).Select(i => Run($"{i}", i, 400)),
            Run("stuck", 1000, null, tasks: Task("deploy", 1100, null)), Run("young", 3000, null), Run("unknown", 500, null) with { Pipeline = "other" },
        ];

        var answer = new StuckRuns().Ask(runs);

        Assert.Equal([IdOf("stuck")], answer.Column("id"));
        Assert.Equal((2600.0, 400.0, "deploy"), (answer.Value(0, "soFarSeconds"), answer.Value(0, "usualSeconds"), answer.Value(0, "openTasks")));
        Assert.Equal([IdOf("unknown"), IdOf("stuck")], new StuckRuns().Ask(runs, now: 4150).Column("id"));
        Assert.Equal(3, new StuckRuns().Ask(runs, with: ("longer-than", "1m")).Total);
    }

    [Fact]
    public void No_runs_are_no_mistake()
    {
        foreach (var question in QuestionList.All.Where(q => q is not CriticalPathOfRun))
        {
            Assert.Empty(question.Ask([], with: question is BranchComparison ? [("this", "topic")] : []).Rows);
        }
    }

    private static object? Fact(Answer answer, string name) => answer.Facts.Single(f => f.Name == name).Value;
}
