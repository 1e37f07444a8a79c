using Flyball.Alerting.Rules.Testing;
using Flyball.Model.Alerts;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Alerting.Tests.Rules;

/// <summary>The life of an alert, minute by minute.</summary>
public sealed class AlertingRuleTests
{
    private const string Group = "groups:\n- name: g\n  interval: 1m\n  rules:\n  - {alert: A, expr: up == 0";

    // One letter per minute. Condition: 1 holds, . does not. State told at that minute: p pending, f firing, r resolved, - nothing.
    [Theory]
    [InlineData("", "111..", "f--r-")]
    [InlineData("for: 2m", "11111.", "p-f--r")]
    [InlineData("for: 2m", "11.111", "p-rp-f")]
    [InlineData("for: 1m, keep_firing_for: 2m", "11..11...", "pf------r")]
    [InlineData("keep_firing_for: 1m", "1.....", "f-r---")]
    public async Task An_alert_passes_through_its_states(string settings, string condition, string told)
    {
        await using var harness = new RuleHarness();
        var minute = -1;
        harness.Answers["up == 0"] = _ => condition[minute] == '1' ? RuleHarness.Vector(("a", 0)) : [];
        await harness.ApplyAsync(Group + (settings.Length > 0 ? ", " + settings : "") + "}\n");
        for (minute = 0; minute < condition.Length; minute++)
        {
            await harness.AdvanceAsync(60);
            var transitions = harness.DrainTransitions();
            var seen = transitions.Count == 0 ? '-' : Assert.Single(transitions).To switch
            {
                AlertState.Pending => 'p',
                AlertState.Firing => 'f',
                _ => 'r',
            };
            Assert.True(seen == told[minute], $"minute {minute}: expected {told[minute]}, saw {seen}");
        }
    }

    [Fact]
    public async Task Labels_annotations_and_link_are_filled_in()
    {
        await using var harness = new RuleHarness();
        harness.Answers["up == 0"] = _ => RuleHarness.Vector(("api", 0));
        await harness.ApplyAsync(Group + ", labels: {severity: page, where: \"{{ $labels.job }}\"}, annotations: {s: \"{{ $labels.job }} is {{ $value }}\", bad: \"{{ template \\\"x\\\" }}\"}}\n");
        await harness.AdvanceAsync(60);

        var fired = Assert.Single(harness.DrainTransitions());
        Assert.Equal(LabelSet.Of(("alertname", "A"), ("job", "api"), ("severity", "page"), ("where", "api")), fired.Labels);
        Assert.Equal("api is 0", fired.Annotations["s"]);
        Assert.StartsWith("<error expanding template: error executing template __alert_A: template: ", fired.Annotations["bad"], StringComparison.Ordinal);
        Assert.Equal("http://flyball.test/graph?g0.expr=up+%3D%3D+0&g0.tab=1", fired.GeneratorUrl);
        Assert.Null(fired.CausedAt);
    }

    [Fact]
    public async Task State_is_written_as_series_and_ends_with_markers()
    {
        await using var harness = new RuleHarness();
        var holds = true;
        harness.Answers["up == 0"] = _ => holds ? RuleHarness.Vector(("a", 0)) : [];
        await harness.ApplyAsync(Group + ", for: 1m}\n");
        await harness.AdvanceAsync(60);
        await harness.AdvanceAsync(60);
        holds = false;
        await harness.AdvanceAsync(60);

        Assert.Equal([1, double.NaN], Values(harness.Store, "ALERTS", ("alertstate", "pending")));
        Assert.Equal([1, double.NaN], Values(harness.Store, "ALERTS", ("alertstate", "firing")));
        var since = Values(harness.Store, "ALERTS_FOR_STATE");
        Assert.Equal(since[0], since[1]);
        Assert.True(double.IsNaN(since[2]));
    }

    [Fact]
    public async Task Too_many_alerts_fail_the_rule_and_drop_them_all()
    {
        await using var harness = new RuleHarness();
        harness.Answers["up == 0"] = _ => RuleHarness.Vector(("a", 0), ("b", 0));
        await harness.ApplyAsync("groups:\n- name: g\n  limit: 1\n  rules:\n  - {alert: A, expr: up == 0}\n");
        await harness.AdvanceAsync(60);

        var rule = harness.Manager.Snapshot()[0].Rules[0];
        Assert.Equal(("err", "exceeded limit of 1 with 2 alerts", 0), (rule.Health, rule.LastError, rule.Alerts.Count));
    }

    [Fact]
    public async Task Alerts_with_equal_labels_after_templating_fail_the_rule()
    {
        await using var harness = new RuleHarness();
        harness.Answers["up == 0"] = _ => RuleHarness.Vector(("a", 0), ("b", 0));
        await harness.ApplyAsync(Group + ", labels: {job: same}}\n");
        await harness.AdvanceAsync(60);

        Assert.Equal("vector contains metrics with the same labelset after applying alert labels", harness.Manager.Snapshot()[0].Rules[0].LastError);
    }

    [Fact]
    public async Task A_reload_keeps_the_state_of_rules_that_stay_and_resolves_those_that_go()
    {
        await using var harness = new RuleHarness();
        harness.Answers["up == 0"] = _ => RuleHarness.Vector(("a", 0));
        harness.Answers["x"] = _ => RuleHarness.Vector(("x", 1));
        await harness.ApplyAsync(Group + ", for: 2m}\n  - {alert: Gone, expr: x}\n");
        await harness.AdvanceAsync(60);
        harness.DrainTransitions();

        await harness.ApplyAsync(Group + ", for: 2m}\n");
        await harness.AdvanceAsync(60);
        var gone = Assert.Single(harness.DrainTransitions());
        Assert.Equal(("Gone", AlertState.Firing, AlertState.Inactive), (gone.Labels["alertname"], gone.From, gone.To));

        await harness.AdvanceAsync(60);
        var fired = Assert.Single(harness.DrainTransitions());
        Assert.Equal(AlertState.Firing, fired.To);
        Assert.Equal(120_000, (fired.At - fired.ActiveAt).Value);
        Assert.True(double.IsNaN(Values(harness.Store, "ALERTS", ("alertname", "Gone"))[^1]));
    }

    [Fact]
    public async Task A_group_that_is_gone_resolves_its_alerts_at_once()
    {
        await using var harness = new RuleHarness();
        harness.Answers["up == 0"] = _ => RuleHarness.Vector(("a", 0));
        await harness.ApplyAsync(Group + "}\n");
        await harness.AdvanceAsync(60);
        harness.DrainTransitions();
        harness.Clock.Advance(TimeSpan.FromSeconds(1));

        await harness.ApplyAsync("groups: []\n");

        Assert.Equal(AlertState.Inactive, Assert.Single(harness.DrainTransitions()).To);
        Assert.Empty(harness.Manager.Snapshot());
    }

    // Minutes held before the stop, minutes of outage, and when after the restart the alert fires; hold is 30 minutes.
    [Theory]
    [InlineData(31, 5, 3)]
    [InlineData(25, 5, 12)]
    [InlineData(10, 5, 22)]
    [InlineData(10, 90, 32)]
    public async Task A_restart_does_not_forget_how_long_a_condition_has_held(int heldMinutes, int outageMinutes, int firesAfterMinutes)
    {
        const string Rules = Group + ", for: 30m}\n";
        var store = new MemorySeries();
        var first = new RuleHarness(store);
        first.Answers["up == 0"] = _ => RuleHarness.Vector(("a", 0));
        await first.ApplyAsync(Rules);
        for (var i = 0; i <= heldMinutes; i++)
        {
            await first.AdvanceAsync(60);
        }

        await first.DisposeAsync();
        first.Clock.Advance(TimeSpan.FromMinutes(outageMinutes));
        await using var second = new RuleHarness(store, first.Clock);
        second.Answers["up == 0"] = _ => RuleHarness.Vector(("a", 0));
        await second.ApplyAsync(Rules);
        var firedAfter = 0;
        for (var minute = 1; minute <= 40 && firedAfter == 0; minute++)
        {
            await second.AdvanceAsync(60);
            firedAfter = second.DrainTransitions().Any(t => t.To == AlertState.Firing) ? minute : 0;
        }

        Assert.InRange(firedAfter, firesAfterMinutes - 1, firesAfterMinutes + 1);
    }

    // Minutes the condition held before the stop, minutes of outage, and whether it is the same alert afterwards; hold is 2 minutes.
    [Theory]
    [InlineData(5, 5, true)]
    [InlineData(1, 5, false)]
    [InlineData(5, 90, false)]
    public async Task A_firing_alert_stays_itself_through_a_restart(int heldMinutes, int outageMinutes, bool isTheSame)
    {
        const string Rules = Group + ", for: 2m}\n";
        var store = new MemorySeries();
        var first = new RuleHarness(store);
        first.Answers["up == 0"] = _ => RuleHarness.Vector(("a", 0));
        await first.ApplyAsync(Rules);
        var startedAt = TimestampMs.Now(first.Clock);
        for (var i = 0; i <= heldMinutes; i++)
        {
            await first.AdvanceAsync(60);
        }

        await first.DisposeAsync();
        first.Clock.Advance(TimeSpan.FromMinutes(outageMinutes));
        await using var second = new RuleHarness(store, first.Clock);
        second.Answers["up == 0"] = _ => RuleHarness.Vector(("a", 0));
        await second.ApplyAsync(Rules);
        var fired = new List<AlertTransition>();
        for (var minute = 0; minute < 5; minute++)
        {
            await second.AdvanceAsync(60);
            fired.AddRange(second.DrainTransitions().Where(t => t.To == AlertState.Firing));
        }

        Assert.Equal(isTheSame, Assert.Single(fired).ActiveAt - startedAt <= DurationMs.FromSeconds(120));
    }

    private static double[] Values(MemorySeries store, string name, params (string Name, string Value)[] labels)
    {
        var matchers = labels.Select(l => new Matcher(MatchOp.Equal, l.Name, l.Value)).Append(new Matcher(MatchOp.Equal, "__name__", name));
        using var selection = store.Select(new SeriesQuery(TimeRange.All, [.. matchers]), TestContext.Current.CancellationToken);
        using var columns = new SampleColumns();
        selection.Read(0, columns, TestContext.Current.CancellationToken);
        return columns.Values.ToArray();
    }
}
