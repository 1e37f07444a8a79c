using Flyball.Model.Alerts;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Alerting.Tests.Rules;

/// <summary>Groups that are evaluated because something arrived.</summary>
public sealed class ReactiveGroupTests
{
    private const string Rules = "groups:\n- name: g\n  reactive: true\n  rules:\n  - {alert: A, expr: ci_task_failing > 0}\n";

    [Fact]
    public async Task An_arrival_causes_one_evaluation_after_the_debounce_and_names_its_cause()
    {
        await using var harness = new RuleHarness();
        harness.Answers["ci_task_failing > 0"] = _ => RuleHarness.Vector(("a", 1));
        await harness.ApplyAsync(Rules);
        await harness.AdvanceAsync(0.5);
        var arrivedAt = TimestampNs.Now(harness.Clock);

        harness.Manager.OnAppended(Batch("ci_task_failing"));
        await harness.AdvanceAsync(0.004);
        harness.Manager.OnAppended(Batch("other", "ci_task_failing"));
        await harness.AdvanceAsync(0.005);
        Assert.Empty(harness.Evaluations);
        await harness.AdvanceAsync(0.001);

        Assert.Single(harness.Evaluations);
        var fired = Assert.Single(harness.DrainTransitions());
        Assert.Equal((AlertState.Firing, arrivedAt), (fired.To, fired.CausedAt));
        Assert.Equal(10, fired.At.Value - arrivedAt.ToMs().Value);
    }

    [Theory]
    [InlineData("up", false)]
    [InlineData("ci_task_failing_total", false)]
    [InlineData("ci_task_failing", true)]
    public async Task Only_metrics_the_group_reads_matter(string metric, bool evaluates)
    {
        await using var harness = new RuleHarness();
        await harness.ApplyAsync(Rules);
        harness.Manager.OnSeriesChanged([metric]);
        await harness.AdvanceAsync(0.02);

        Assert.Equal(evaluates ? 1 : 0, harness.Evaluations.Count);
    }

    [Fact]
    public async Task A_selector_without_a_fixed_name_reads_everything()
    {
        await using var harness = new RuleHarness();
        await harness.ApplyAsync("groups:\n- name: g\n  reactive: true\n  rules:\n  - {record: r, expr: 'count({job=\"x\"})'}\n");
        harness.Manager.OnAppended(Batch("anything"));
        await harness.AdvanceAsync(0.02);

        Assert.Single(harness.Evaluations);
    }

    [Fact]
    public async Task An_ordinary_group_does_not_react()
    {
        await using var harness = new RuleHarness();
        await harness.ApplyAsync(Rules.Replace("reactive: true", "reactive: false", StringComparison.Ordinal));
        harness.Manager.OnAppended(Batch("ci_task_failing"));
        await harness.AdvanceAsync(0.02);

        Assert.Empty(harness.Evaluations);
    }

    [Fact]
    public async Task A_pending_alert_of_a_reactive_group_fires_when_its_time_is_up_not_at_the_next_tick()
    {
        await using var harness = new RuleHarness();
        harness.Answers["x"] = _ => RuleHarness.Vector(("a", 1));
        await harness.ApplyAsync("groups:\n- name: g\n  interval: 1h\n  reactive: true\n  rules:\n  - {alert: A, expr: x, for: 5s}\n");
        harness.Manager.OnSeriesChanged(["x"]);
        await harness.AdvanceAsync(0.01);
        Assert.Equal(AlertState.Pending, Assert.Single(harness.DrainTransitions()).To);
        await harness.AdvanceAsync(5);

        var fired = Assert.Single(harness.DrainTransitions());
        Assert.Equal((AlertState.Firing, 5000L), (fired.To, (fired.At - fired.ActiveAt).Value));
    }

    [Fact]
    public async Task What_one_group_records_wakes_the_group_that_reads_it_but_not_itself()
    {
        await using var harness = new RuleHarness();
        harness.Answers["x"] = _ => RuleHarness.Vector(("a", 1));
        harness.Answers["r + r"] = _ => RuleHarness.Vector(("a", 2));
        await harness.ApplyAsync(
            "groups:\n- {name: g, reactive: true, rules: [{record: r, expr: x}]}\n- {name: h, reactive: true, rules: [{record: s, expr: r + r}]}\n");
        harness.Manager.OnSeriesChanged(["x"]);
        await harness.AdvanceAsync(0.010);
        await harness.AdvanceAsync(0.010);
        await harness.AdvanceAsync(0.100);

        Assert.Equal(["x", "r + r"], harness.Evaluations.Select(e => e.Expression));
    }

    [Fact]
    public async Task Evaluations_in_one_millisecond_have_times_of_their_own()
    {
        await using var harness = new RuleHarness();
        await harness.ApplyAsync("groups:\n- {name: g, reactive: {debounce: 0s}, rules: [{record: r, expr: x}]}\n");
        for (var i = 0; i < 3; i++)
        {
            harness.Manager.OnSeriesChanged(["x"]);
            harness.Clock.Advance(TimeSpan.FromTicks(1000));
            await harness.SettleAsync();
        }

        await harness.AdvanceAsync(0.050);
        var times = harness.Evaluations.Select(e => e.At.Value).ToArray();
        Assert.True(times.Length >= 2);
        Assert.Equal(times.Length, times.Distinct().Count());
    }

    private static SampleBatch Batch(params string[] names)
    {
        var batch = new SampleBatch();
        foreach (var name in names)
        {
            batch.AddSample(batch.AddSeries(LabelSet.Of(("__name__", name), ("Z", "first"))), new TimestampMs(1), 1);
        }

        return batch;
    }
}
