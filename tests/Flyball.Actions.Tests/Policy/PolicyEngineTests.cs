using Flyball.Actions.Records;
using Flyball.Model.Alerts;
using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Actions.Tests.Policy;

public sealed class PolicyEngineTests
{
    private const string Echo = """
        actions:
          - name: rerun
            command: {argv: ["/bin/echo", "again", "{{ .Labels.task }}"], timeout: 20s}
        policies:
          - name: p
            alerts: ['alertname="TaskFailed"', 'task=~"test.*"']
            action: rerun

        """;

    private static readonly string[] WholeStory = ["action.allowed", "action.started", "action.succeeded"];

    [Fact]
    public async Task An_allowed_action_is_done_and_every_step_of_it_is_journalled_before()
    {
        await using var bench = await PolicyBench.StartAsync(Echo);

        var record = await bench.FireAsync(bench.Alert(("task", "test-unit"), ("trace_id", "5314f0e11a8ec61211a0000686e14050")));

        Assert.Equal((ActionStatus.Succeeded, "again test-unit\n", "/bin/echo again test-unit"), (record.Status, record.Output, record.Summary));
        Assert.Equal("5314f0e11a8ec61211a0000686e14050", record.Run);
        var entries = await bench.EntriesAsync();
        Assert.Equal(WholeStory, entries.Select(e => e.Draft.Kind));
        Assert.All(entries, e => Assert.Equal(("policy:p", record.Id), (e.Draft.Actor, e.Draft.Subject)));
    }

    [Theory]
    [InlineData("TaskFailed", "deploy")]
    [InlineData("Other", "test-unit")]
    [InlineData("TaskFailed", "")]
    public async Task An_alert_that_is_not_its_business_leaves_no_trace(string alertname, string task)
    {
        await using var bench = await PolicyBench.StartAsync(Echo);
        bench.Engine.Publish([bench.Alert() with { Labels = LabelSet.Of(("alertname", alertname), ("task", task)) }]);

        await bench.FireAsync(bench.Alert(("task", "test-unit")));

        Assert.Single(bench.Engine.NewestFirst());
    }

    [Theory]
    [InlineData(AlertState.Firing, AlertState.Firing)]
    [InlineData(AlertState.Firing, AlertState.Inactive)]
    [InlineData(AlertState.Inactive, AlertState.Pending)]
    public async Task Only_the_beginning_of_an_alert_counts(AlertState from, AlertState to)
    {
        await using var bench = await PolicyBench.StartAsync(Echo);
        bench.Engine.Publish([bench.Alert(("task", "test-1")) with { From = from, To = to }]);

        var record = await bench.FireAsync(bench.Alert(("task", "test-2")));

        Assert.Equal("test-2", record.Alert["task"]);
        Assert.Single(bench.Engine.NewestFirst());
    }

    [Fact]
    public async Task The_same_alert_instance_is_never_acted_on_twice()
    {
        await using var bench = await PolicyBench.StartAsync(Echo);
        var alert = bench.Alert(("task", "test-1"));
        await bench.FireAsync(alert);

        bench.Engine.Publish([alert, alert]);
        await bench.FireAsync(bench.Alert(("task", "test-2")));

        Assert.Equal(2, bench.Engine.NewestFirst().Count);
    }

    [Fact]
    public async Task Not_even_after_a_restart()
    {
        var bench = await PolicyBench.StartAsync(Echo);
        var alert = bench.Alert(("task", "test-1"));
        await bench.FireAsync(alert);
        await bench.DisposeAsync();

        await using var again = await PolicyBench.StartAsync(Echo, bench.Files, bench.Clock);
        again.Engine.Publish([alert]);
        await again.FireAsync(again.Alert(("task", "test-2")) with { ActiveAt = new TimestampMs(77) });

        Assert.Equal(2, again.Engine.NewestFirst().Count);
        Assert.Equal(6, again.Journal.Head);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(299, false)]
    [InlineData(300, true)]
    public async Task A_cooldown_holds_for_its_group(int secondsLater, bool allowed)
    {
        await using var bench = await PolicyBench.StartAsync(Echo + "    cooldown: 5m\n    group_by: [pipeline, task]\n");
        await bench.FireAsync(bench.Alert(("task", "test-1"), ("pipeline", "shop")));
        bench.Clock.Advance(TimeSpan.FromSeconds(secondsLater));

        var same = await bench.FireAsync(bench.Alert(("task", "test-1"), ("pipeline", "shop")));
        var other = await bench.FireAsync(bench.Alert(("task", "test-1"), ("pipeline", "other")));

        Assert.Equal(allowed ? ActionStatus.Succeeded : ActionStatus.Refused, same.Status);
        Assert.Equal(allowed ? "" : "cooldown", same.Rule);
        Assert.Equal(ActionStatus.Succeeded, other.Status);
    }

    [Fact]
    public async Task A_cooldown_survives_a_restart()
    {
        var yaml = Echo + "    cooldown: 5m\n";
        var bench = await PolicyBench.StartAsync(yaml);
        await bench.FireAsync(bench.Alert(("task", "test-1")));
        await bench.DisposeAsync();

        await using var again = await PolicyBench.StartAsync(yaml, bench.Files, bench.Clock);
        var record = await again.FireAsync(again.Alert(("task", "test-2")));

        Assert.Equal((ActionStatus.Refused, "cooldown"), (record.Status, record.Rule));
    }

    [Fact]
    public async Task A_rate_limit_counts_what_was_allowed_in_its_window()
    {
        await using var bench = await PolicyBench.StartAsync(Echo + "    rate_limit: {count: 2, per: 1h}\n");
        var story = new List<string>();
        foreach (var minutes in (int[])[0, 20, 20, 19, 2, 30])
        {
            bench.Clock.Advance(TimeSpan.FromMinutes(minutes));
            var record = await bench.FireAsync(bench.Alert(("task", "test-1")));
            story.Add(record.Status == ActionStatus.Refused ? record.Rule : "done");
        }

        Assert.Equal(["done", "done", "rate_limit", "rate_limit", "done", "done"], story);
    }

    [Theory]
    [InlineData(true, ActionStatus.Succeeded, "")]
    [InlineData(false, ActionStatus.Refused, "condition")]
    [InlineData(null, ActionStatus.Refused, "condition")]
    public async Task A_condition_must_hold(bool? holds, ActionStatus status, string rule)
    {
        await using var bench = await PolicyBench.StartAsync(
            Echo + """    condition: 'ci_task_failing{run_id="{{ .Labels.run_id }}"} == 1'""" + "\n");
        bench.ConditionHolds = holds;

        var record = await bench.FireAsync(bench.Alert(("task", "test-1"), ("run_id", "a\"} or vector(1) or x{y=\"\\")));

        Assert.Equal((status, rule), (record.Status, record.Rule));
        Assert.Equal("""ci_task_failing{run_id="a\"} or vector(1) or x{y=\"\\"} == 1""", bench.Queries.Single());
    }

    [Fact]
    public async Task A_dry_run_only_says_what_it_would_do()
    {
        await using var bench = await PolicyBench.StartAsync(Echo + "    dry_run: true\n    cooldown: 1h\n");

        var first = await bench.FireAsync(bench.Alert(("task", "test-1")));
        var second = await bench.FireAsync(bench.Alert(("task", "test-1")));

        Assert.Equal((ActionStatus.DryRun, "/bin/echo again test-1"), (first.Status, first.Summary));
        Assert.Equal("cooldown", second.Rule);
        Assert.Equal(["action.dry_run", "action.refused"], (await bench.EntriesAsync()).Select(e => e.Draft.Kind));
    }

    [Fact]
    public async Task What_the_journal_does_not_take_is_not_done()
    {
        var marker = Path.Combine(Path.GetTempPath(), $"flyball-{Guid.NewGuid():n}");
        await using var bench = await PolicyBench.StartAsync(Echo.Replace(
            """["/bin/echo", "again", "{{ .Labels.task }}"]""", $"""["/bin/touch", "{marker}"]""", StringComparison.Ordinal));
        bench.Files.ReadOnly = true;
        bench.Engine.Publish([bench.Alert(("task", "test-1"))]);
        bench.Engine.Publish([bench.Alert(("task", "test-2"))]);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.False(File.Exists(marker));

        bench.Files.ReadOnly = false;
        await bench.FireAsync(bench.Alert(("task", "test-3")));

        Assert.True(File.Exists(marker));
        File.Delete(marker);
        Assert.Single(bench.Engine.NewestFirst());
    }

    [Fact]
    public async Task What_a_crash_interrupted_is_noted_and_not_tried_again()
    {
        var yaml = Echo.Replace("""["/bin/echo", "again", "{{ .Labels.task }}"]""", """["/bin/sleep", "30"]""", StringComparison.Ordinal);
        var bench = await PolicyBench.StartAsync(yaml);
        bench.Engine.Publish([bench.Alert(("task", "test-1"))]);
        await bench.WaitAsync(() => bench.Engine.NewestFirst().FirstOrDefault(r => r.Status == ActionStatus.Running));
        var disk = bench.Files.Copy();

        await using var again = await PolicyBench.StartAsync(yaml, disk, bench.Clock);
        var record = Assert.Single(again.Engine.NewestFirst());

        Assert.Equal(ActionStatus.Failed, record.Status);
        Assert.Contains("not tried again", record.Error, StringComparison.Ordinal);
        Assert.Equal("action.interrupted", (await again.EntriesAsync())[^1].Draft.Kind);
        await bench.DisposeAsync();
        Assert.Equal("action.interrupted", (await JournalOf(bench.Files))[^1]);
    }

    [Fact]
    public async Task Actions_of_one_policy_wait_for_each_other()
    {
        await using var bench = await PolicyBench.StartAsync(Echo.Replace(
            """["/bin/echo", "again", "{{ .Labels.task }}"]""", """["/bin/sleep", "0.15"]""", StringComparison.Ordinal));
        bench.Engine.Publish([bench.Alert(("task", "test-1")), bench.Alert(("task", "test-2")), bench.Alert(("task", "test-3"))]);

        await bench.WaitAsync(() => bench.Engine.NewestFirst() is { Count: 3 } all && all.All(r => !r.IsOpen) ? all : null);

        var running = 0;
        foreach (var entry in await bench.EntriesAsync())
        {
            running += entry.Draft.Kind switch { "action.started" => 1, "action.succeeded" => -1, _ => 0 };
            Assert.InRange(running, 0, 1);
        }
    }

    [Fact]
    public async Task Another_writer_of_the_journal_does_not_disturb_decisions()
    {
        await using var bench = await PolicyBench.StartAsync(Echo + "    rate_limit: {count: 5, per: 1h}\n");
        using var stop = new CancellationTokenSource();
        var other = Task.Run(async () =>
        {
            for (var i = 0; i < 5000 && !stop.IsCancellationRequested; i++)
            {
                await bench.Journal.AppendAsync(new("silence.created", "user:ada", "s", "", ReadOnlyMemory<byte>.Empty), null, CancellationToken.None);
            }
        }, CancellationToken.None);
        bench.Engine.Publish([.. Enumerable.Range(0, 20).Select(i => bench.Alert(("task", $"test-{i}")))]);

        var all = await bench.WaitAsync(() => bench.Engine.NewestFirst() is { Count: 20 } r && r.All(x => !x.IsOpen) ? r : null);
        await stop.CancelAsync();
        await other;

        Assert.Equal(5, all.Count(r => r.Status == ActionStatus.Succeeded));
        Assert.Equal(15, all.Count(r => r.Rule == "rate_limit"));
    }

    [Fact]
    public async Task Two_engines_on_one_journal_keep_one_limit()
    {
        var yaml = Echo + "    rate_limit: {count: 4, per: 1h}\n";
        await using var bench = await PolicyBench.StartAsync(yaml);
        await using var second = new Flyball.Actions.Policy.PolicyEngine(
            PolicyBench.Config(yaml), new(), bench.Journal, bench, bench.Clock);
        await second.StartAsync(TestContext.Current.CancellationToken);
        var alerts = Enumerable.Range(0, 40).Select(i => bench.Alert(("task", $"test-{i}"))).ToArray();
        Parallel.ForEach(alerts, alert =>
        {
            bench.Engine.Publish([alert]);
            second.Publish([alert]);
        });

        // 40 decisions, 4 attempts and their 4 outcomes.
        await bench.WaitAsync(() => bench.Journal.Head >= 48 ? bench : null);
        var kinds = (await bench.EntriesAsync()).GroupBy(e => e.Draft.Kind).ToDictionary(g => g.Key, g => g.Count());

        Assert.Equal((4, 4, 36, 48), (kinds["action.started"], kinds["action.succeeded"], kinds["action.refused"], bench.Journal.Head));
    }

    [Fact]
    public async Task Two_policies_may_both_decide_about_an_alert()
    {
        await using var bench = await PolicyBench.StartAsync(Echo + """
              - name: q
                alerts: ['alertname=TaskFailed']
                action: rerun
                dry_run: true
            """);
        bench.Engine.Publish([bench.Alert(("task", "test-1"))]);

        var all = await bench.WaitAsync(() => bench.Engine.NewestFirst() is { Count: 2 } r && r.All(x => !x.IsOpen) ? r : null);

        Assert.Equal(["p", "q"], all.Select(r => r.Policy).Order(StringComparer.Ordinal));
    }

    private static async Task<List<string>> JournalOf(Flyball.Testing.Files.FaultyFileSystem files)
    {
        using var journal = Flyball.Durable.Journal.FileJournal.Open(
            files, "/journal", new(), TimeProvider.System, log: null, CancellationToken.None);
        var kinds = new List<string>();
        await foreach (var entry in journal.ReadAsync(0, CancellationToken.None))
        {
            kinds.Add(entry.Draft.Kind);
        }

        return kinds;
    }
}
