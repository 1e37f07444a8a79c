namespace Flyball.Cli.Demo;

/// <summary>The story of the demo: what has to happen, in order, each part checked against the server's API.</summary>
internal sealed class DemoStory(DemoStage stage, DemoTimeline timeline, TimeProvider time)
{
    private const string TestFailed = "TaskFailed";
    private const string Slow = "CheckoutSlow";
    private const double SlowSeconds = 0.1;

    private static readonly string[] Parts =
    [
        "the server is ready",
        "the shop is scraped",
        "customers are served quickly by v1",
        "the code is checked out",
        "the build succeeds",
        "the test fails at its first attempt",
        "the alert about the failed task fires",
        "the policy lets the task be run again",
        "the second attempt of the test passes",
        "the alert about the failed task resolves",
        "the run ends well, all tasks in one trace",
        "v2 makes checkouts slow",
        "the alert about slow checkouts fires",
        "the policy lets the deployment be rolled back",
        "v1 is deployed again",
        "checkouts are quick again",
        "the alert about slow checkouts resolves",
        "both actions are in the journal, and its chain holds",
    ];

    private readonly List<HealingTimes> _times = [];
    private DateTimeOffset _began;
    private int _part;

    /// <summary>The part being waited for.</summary>
    public string Current => Parts[Math.Min(_part, Parts.Length - 1)];

    /// <summary>The parts after the one that is missing.</summary>
    public IReadOnlyList<string> NotReached => Parts[Math.Min(_part + 1, Parts.Length)..];

    /// <summary>The measured times, story by story.</summary>
    public IReadOnlyList<HealingTimes> Times => _times;

    /// <summary>Tells it.</summary>
    /// <exception cref="StageMissedException">A part did not happen.</exception>
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken);
        var run = await FlakyTestAsync(cancellationToken);
        await SlowDeployAsync(run, cancellationToken);
        await ProveAsync(cancellationToken);
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        _began = time.GetUtcNow();
        timeline.Chapter("Flyball demo");
        stage.StartServer();
        stage.StartShop();
        await ReachAsync(30, "server.log says why", async () => await stage.Api.IsReadyAsync(cancellationToken) ? "" : null, cancellationToken);
        timeline.Fact("open", $"{stage.Address}");
        timeline.Fact("data", stage.Data);
        stage.StartLoad();
        await ReachAsync(
            20, "shop.log and the server's page of targets say why",
            async () => await stage.Api.QueryAsync("up{job=\"shop\"}", cancellationToken) is 1 ? "" : null, cancellationToken);
        timeline.Good("shop", "v1 is running, scraped every second, and sends its traces");
        var quick = await ReachAsync(20, "shop.log says why", () => Task.FromResult(Percentile(below: SlowSeconds)), cancellationToken);
        timeline.Good("customers", $"nine in ten checkouts within {DemoTimeline.Duration(quick)}");
    }

    private async Task<RunView> FlakyTestAsync(CancellationToken cancellationToken)
    {
        timeline.Chapter("A flaky test");
        var began = time.GetUtcNow();
        var runId = $"{began.ToUnixTimeSeconds()}";
        stage.StartPipeline(runId);

        // What the pipeline does.
        var run = await ReachAsync(30, "pipeline.log says why", () => RunWithAsync(runId, Succeeded("checkout"), cancellationToken), cancellationToken);
        timeline.Fact("run", $"number {runId} of pipeline shop, trace {run.Id}");
        Tell(run, "checkout", 1);
        Tell(await ReachAsync(30, "pipeline.log says why", () => RunWithAsync(runId, Succeeded("build"), cancellationToken), cancellationToken), "build", 1);
        var failed = await ReachAsync(
            30, "the test passed, or did not run; pipeline.log says why",
            () => RunWithAsync(runId, r => Attempt(r, "test", 1) is { Result: "failure", ExitCode: 1 }, cancellationToken), cancellationToken);
        var fault = Attempt(failed, "test", 1)!;
        timeline.Bad("test", $"attempt 1, exit code 1: {FirstLine(fault.LogTail)}");
        var faultAt = fault.FinishedAt ?? began;

        // What Flyball makes of it.
        var alert = await AlertAsync(TestFailed, "firing", began, 20, "rules.yml, group pipelines", cancellationToken);
        timeline.Alert("alert", $"{TestFailed} fires, {DemoTimeline.Duration(Since(alert.At, faultAt))} after the failure");
        var action = await ActionAsync("rerun-task", TestFailed, began, cancellationToken);
        timeline.Action("action", $"{action.Action} called, {DemoTimeline.Duration(Since(action.StartedAt!.Value, faultAt))} after the failure; policy {action.Policy}: {action.Reason}");

        // Healed.
        var passed = await ReachAsync(
            30, $"the action says: {action.Output}", () => RunWithAsync(runId, r => Attempt(r, "test", 2) is { Result: "success" }, cancellationToken), cancellationToken);
        var cure = Attempt(passed, "test", 2)!;
        timeline.Good("test", $"attempt 2 passed in {DemoTimeline.Duration(cure.Seconds)}");
        _times.Add(new HealingTimes(
            "flaky test, run again", Since(alert.At, faultAt), Since(action.StartedAt!.Value, faultAt), Since(cure.FinishedAt ?? time.GetUtcNow(), faultAt)));
        await AlertAsync(TestFailed, "inactive", alert.At, 20, "rules.yml, group pipelines", cancellationToken);
        timeline.Good("alert", $"{TestFailed} resolved");
        var done = await ReachAsync(30, "pipeline.log and the action's output say why", () => WholeRunAsync(runId, cancellationToken), cancellationToken);
        Tell(done, "deploy", 1);
        return done;
    }

    private async Task SlowDeployAsync(RunView run, CancellationToken cancellationToken)
    {
        timeline.Chapter("A slow deployment");
        var deployedAt = Attempt(run, "deploy", 1)?.FinishedAt ?? time.GetUtcNow();
        timeline.Fact("deploy", "v2 is in production: it asks its database once for each item of a basket");

        // Noticed.
        var slow = await ReachAsync(20, "shop.log says why", () => Task.FromResult(Percentile(above: SlowSeconds)), cancellationToken);
        timeline.Bad("customers", $"nine in ten checkouts now within {DemoTimeline.Duration(slow)}");
        var alert = await AlertAsync(Slow, "firing", deployedAt, 30, "rules.yml, group shop", cancellationToken);
        timeline.Alert("alert", $"{Slow} fires, {DemoTimeline.Duration(Since(alert.At, deployedAt))} after the deployment");
        var action = await ActionAsync("roll-back", Slow, deployedAt, cancellationToken);
        timeline.Action("action", $"{action.Action} called, {DemoTimeline.Duration(Since(action.StartedAt!.Value, alert.At))} after the alert; policy {action.Policy}: {action.Reason}");

        // Healed.
        await ReachAsync(30, $"the action says: {action.Output}", () => RollbackAsync(deployedAt, cancellationToken), cancellationToken);
        timeline.Good("deploy", "v1 is in production again, by a run of pipeline shop-rollback");
        var quick = await ReachAsync(20, "shop.log says why", () => Task.FromResult(Percentile(below: SlowSeconds)), cancellationToken);
        var healedAt = time.GetUtcNow();
        timeline.Good("customers", $"nine in ten checkouts within {DemoTimeline.Duration(quick)} again");
        _times.Add(new HealingTimes(
            "slow deployment, rolled back", Since(alert.At, deployedAt), Since(action.StartedAt!.Value, deployedAt), Since(healedAt, deployedAt)));
        await AlertAsync(Slow, "inactive", alert.At, 30, "rules.yml, group shop", cancellationToken);
        timeline.Good("alert", $"{Slow} resolved");
    }

    // What was told along the way, once more from what the server has kept.
    private async Task ProveAsync(CancellationToken cancellationToken)
    {
        var entries = await ReachAsync(
            10, $"{stage.Address}api/flyball/journal and {stage.Address}api/flyball/actions say what is there", async () =>
                await HasFiredAsync(TestFailed, cancellationToken) && await HasFiredAsync(Slow, cancellationToken)
                    && await IsJournalledAsync("rerun-task", cancellationToken) && await IsJournalledAsync("roll-back", cancellationToken)
                    && await stage.Api.VerifyJournalAsync(cancellationToken) is (Ok: true, Entries: > 0 and var count)
                    ? $"{count}"
                    : null,
            cancellationToken);
        timeline.Good("journal", $"{entries} entries say who decided what and why, and the chain of their hashes holds");
    }

    private async Task<bool> HasFiredAsync(string alert, CancellationToken cancellationToken) =>
        await stage.Api.QueryAsync($"sum(count_over_time(ALERTS{{alertname=\"{alert}\",alertstate=\"firing\"}}[5m]))", cancellationToken) > 0;

    private async Task<bool> IsJournalledAsync(string name, CancellationToken cancellationToken)
    {
        var action = (await stage.Api.ActionsAsync(cancellationToken)).FirstOrDefault(a => a.Action == name && a.StartedAt >= _began);
        return action is { Status: "succeeded" }
            && (await stage.Api.JournalKindsAsync(action.Id, cancellationToken)).Contains("action.allowed", StringComparer.Ordinal);
    }

    // Asks again at every change the server tells, and every fifth of a second in case one was missed.
    private async Task<T> ReachAsync<T>(double seconds, string hint, Func<Task<T?>> question, CancellationToken cancellationToken)
        where T : class
    {
        timeline.Waiting(Current);
        var start = time.GetTimestamp();
        while (true)
        {
            var change = stage.Events.NextChange;
            stage.CheckServer();
            if (await question() is { } answer)
            {
                _part++;
                return answer;
            }

            if (time.GetElapsedTime(start).TotalSeconds > seconds)
            {
                throw new StageMissedException(Current, $"waited {seconds:0} s; {hint}");
            }

            await Task.WhenAny(change, Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task<double> ReachAsync(double seconds, string hint, Func<Task<double?>> question, CancellationToken cancellationToken) =>
        (double)await ReachAsync<object>(seconds, hint, async () => await question(), cancellationToken);

    private Task<AlertSeen> AlertAsync(
        string name, string state, DateTimeOffset after, double seconds, string hint, CancellationToken cancellationToken) =>
        ReachAsync(
            seconds, hint, async () =>
            {
                // What the stream says must be what the API says.
                var firing = (await stage.Api.FiringAsync(cancellationToken)).Contains(name, StringComparer.Ordinal);
                var seen = stage.Events.Find(name, state, after);
                return state == "firing"
                    ? seen ?? (firing ? new AlertSeen(name, state, time.GetUtcNow()) : null)
                    : firing ? null : seen ?? new AlertSeen(name, state, time.GetUtcNow());
            },
            cancellationToken);

    private Task<ActionView> ActionAsync(string name, string alert, DateTimeOffset after, CancellationToken cancellationToken) =>
        ReachAsync(
            20, $"{stage.Address}actions says what the policies decided", async () => (await stage.Api.ActionsAsync(cancellationToken))
                .FirstOrDefault(a => a.Action == name && a.AlertName == alert && a.StartedAt >= after.AddSeconds(-1)),
            cancellationToken);

    private async Task<RunView?> RunWithAsync(string runId, Func<RunView, bool> holds, CancellationToken cancellationToken)
    {
        var listed = (await stage.Api.RunsAsync("shop", cancellationToken)).FirstOrDefault(r => r.RunId == runId);
        var run = listed is null ? null : await stage.Api.RunAsync(listed.Id, cancellationToken);
        return run is not null && holds(run) ? run : null;
    }

    // Four tasks, one of them twice, and the root: six spans at least in the trace that other tools would read.
    private async Task<RunView?> WholeRunAsync(string runId, CancellationToken cancellationToken)
    {
        var run = await RunWithAsync(
            runId,
            r => r is { State: "finished", Result: "success" } && Succeeded("checkout", "build", "deploy")(r)
                && Attempt(r, "test", 1)?.Result == "failure" && Attempt(r, "test", 2)?.Result == "success",
            cancellationToken);
        return run is not null && await stage.Api.SpanCountAsync(run.Id, cancellationToken) >= 6 ? run : null;
    }

    private async Task<RunView?> RollbackAsync(DateTimeOffset after, CancellationToken cancellationToken) =>
        (await stage.Api.RunsAsync("shop-rollback", cancellationToken)).FirstOrDefault(r => r.Result == "success" && r.FinishedAt >= after);

    private double? Percentile(double above = 0, double below = double.PositiveInfinity) =>
        stage.Load.NinetiethPercentile is { TotalSeconds: var seconds } && seconds > above && seconds < below ? seconds : null;

    private void Tell(RunView run, string task, int attempt)
    {
        if (Attempt(run, task, attempt) is { } view)
        {
            timeline.Good(task, $"{DemoTimeline.Duration(view.Seconds)}");
        }
    }

    private static TaskView? Attempt(RunView run, string task, int attempt) =>
        run.Tasks.FirstOrDefault(t => t.Name == task && t.Attempt == attempt);

    private static Func<RunView, bool> Succeeded(params string[] tasks) =>
        run => Array.TrueForAll(tasks, t => Attempt(run, t, 1) is { Result: "success" });

    private static double Since(DateTimeOffset end, DateTimeOffset start) => Math.Max(0, (end - start).TotalSeconds);

    private static string FirstLine(string text) => text.Split('\n')[0];
}
