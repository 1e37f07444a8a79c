using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Alerting.Tests.Rules;

public sealed class RecordingRuleTests
{
    [Fact]
    public async Task Results_become_series_and_vanished_ones_end()
    {
        await using var harness = new RuleHarness();
        var round = 0;
        harness.Answers["up"] = _ => round++ == 0 ? RuleHarness.Vector(("a", 1), ("b", 2)) : RuleHarness.Vector(("a", 3));
        await harness.ApplyAsync("groups:\n- name: g\n  labels: {team: t, env: x}\n  rules:\n  - {record: r, expr: up, labels: {env: y}}\n");
        await harness.AdvanceAsync(60);
        await harness.AdvanceAsync(60);

        var series = Read(harness, "r");
        Assert.Equal([1, 3], series[LabelSet.Of(("__name__", "r"), ("job", "a"), ("team", "t"), ("env", "y"))]);
        var ended = series[LabelSet.Of(("__name__", "r"), ("job", "b"), ("team", "t"), ("env", "y"))];
        Assert.Equal(2, ended[0]);
        Assert.True(StaleMarker.Is(ended[1]));
    }

    [Fact]
    public async Task Equal_label_sets_fail_the_rule()
    {
        await using var harness = new RuleHarness();
        harness.Answers["up"] = _ => RuleHarness.Vector(("a", 1), ("b", 2));
        await harness.ApplyAsync("groups:\n- name: g\n  rules:\n  - {record: r, expr: up, labels: {job: same}}\n");
        await harness.AdvanceAsync(60);

        var rule = harness.Manager.Snapshot()[0].Rules[0];
        Assert.Equal("vector contains metrics with the same labelset after applying rule labels", rule.LastError);
        Assert.Empty(Read(harness, "r"));
    }

    [Fact]
    public async Task Evaluations_are_aligned_and_look_back_by_the_offset()
    {
        await using var harness = new RuleHarness();
        harness.Answers["up"] = _ => RuleHarness.Vector(("a", 1));
        await harness.ApplyAsync("groups:\n- name: g\n  interval: 30s\n  query_offset: 10s\n  rules:\n  - {record: r, expr: up}\n");
        await harness.AdvanceAsync(30);
        await harness.AdvanceAsync(30);
        await harness.AdvanceAsync(30);

        var times = harness.Evaluations.Select(e => e.At.Value).ToArray();
        Assert.Equal([30_000, 30_000], times.Zip(times.Skip(1), (a, b) => b - a));
        Assert.Equal(harness.Manager.Snapshot()[0].LastEvaluation!.Value.Value - 10_000, times[^1]);
    }

    [Fact]
    public async Task A_rule_sees_what_the_rule_before_it_wrote()
    {
        await using var harness = new RuleHarness();
        harness.Answers["up"] = _ => RuleHarness.Vector(("a", 1));
        harness.Answers["r"] = _ => Read(harness, "r").Count > 0 ? RuleHarness.Vector(("seen", 1)) : [];
        await harness.ApplyAsync("groups:\n- name: g\n  rules:\n  - {record: r, expr: up}\n  - {record: s, expr: r}\n");
        await harness.AdvanceAsync(60);

        Assert.Single(Read(harness, "s"));
    }

    private static Dictionary<LabelSet, double[]> Read(RuleHarness harness, string name)
    {
        var token = TestContext.Current.CancellationToken;
        using var selection = harness.Store.Select(
            new SeriesQuery(TimeRange.All, [new Matcher(MatchOp.Equal, "__name__", name)]), token);
        var all = new Dictionary<LabelSet, double[]>();
        using var columns = new SampleColumns();
        for (var i = 0; i < selection.Count; i++)
        {
            columns.Clear();
            selection.Read(i, columns, token);
            all[selection.Labels(i)] = columns.Values.ToArray();
        }

        return all;
    }
}
