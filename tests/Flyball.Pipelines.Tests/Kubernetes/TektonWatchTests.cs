using Flyball.Model.Runs;
using Flyball.Pipelines.Tests.Goldens;
using Flyball.Pipelines.Tests.Tekton;

namespace Flyball.Pipelines.Tests.Kubernetes;

public sealed class TektonWatchTests
{
    private const string Story = "run-7xk2p-success-with-retry";
    private const string Uid = "3f1b3c52-8f0e-4a47-9c1d-5e7d1f0c7a10";

    [Fact]
    public async Task What_is_there_at_the_start_is_seen()
    {
        await using var bench = await WatchBench.StartAsync();
        PutAll(bench, Story);
        bench.Watch();

        await bench.UntilAsync(() => IsWhole(bench));

        Assert.Equal(await ByEventsAsync(Story), RunText.Of(bench.Run(Uid)!));
    }

    [Fact]
    public async Task Events_and_watch_make_one_run()
    {
        await using var bench = await WatchBench.StartAsync();
        bench.Cluster.Stutters = true;
        bench.Watch();
        await bench.UntilAsync(() => bench.CountOf("watch=1") >= 3);
        var files = TektonStream.Names(Story).ToArray();
        var at = 0;
        foreach (var (plural, thing) in WatchBench.ObjectsOf(Story))
        {
            // The event of the one comes after the watch of the other, some never.
            bench.Cluster.Put(plural, thing);
            if (at % 3 != 0)
            {
                await bench.Tracker.ApplyAsync(TektonStream.Facts(files[^(at + 1)]), TestContext.Current.CancellationToken);
            }

            at++;
        }

        await bench.UntilAsync(() => IsWhole(bench));

        Assert.Equal(await ByEventsAsync(Story), RunText.Of(bench.Run(Uid)!));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_expired_version_means_a_new_list(bool isRefused)
    {
        await using var bench = await WatchBench.StartAsync();
        bench.Cluster.RefusesExpired = isRefused;
        bench.Watch();
        await bench.UntilAsync(() => bench.CountOf("pipelineruns?watch=1") >= 1);
        bench.Cluster.Expire();
        PutAll(bench, Story);

        await bench.UntilAsync(() => IsWhole(bench));

        Assert.True(bench.CountOf("pipelineruns?limit=") >= 2);
    }

    [Fact]
    public async Task Streams_that_break_are_opened_again_where_they_were()
    {
        await using var bench = await WatchBench.StartAsync();
        bench.Watch();
        foreach (var (plural, thing) in WatchBench.ObjectsOf(Story))
        {
            bench.Cluster.Put(plural, thing);
            bench.Cluster.Cut();
        }

        await bench.UntilAsync(() => IsWhole(bench));

        Assert.Equal(await ByEventsAsync(Story), RunText.Of(bench.Run(Uid)!));
        Assert.InRange(bench.CountOf("pipelineruns?limit="), 1, 2);
    }

    [Fact]
    public async Task Bookmarks_move_the_version_on()
    {
        await using var bench = await WatchBench.StartAsync();
        bench.Watch();
        await bench.UntilAsync(() => bench.CountOf("pipelineruns?watch=1") == 1);
        bench.Cluster.Bookmark("pipelineruns");
        bench.Cluster.Bookmark("pipelineruns");
        await bench.UntilAsync(() =>
        {
            bench.Cluster.Cut();
            return bench.CountOf("pipelineruns?watch=1&allowWatchBookmarks=true&resourceVersion=102") >= 1;
        });
    }

    [Fact]
    public async Task After_a_restart_what_changed_meanwhile_is_seen_and_what_is_gone_ends()
    {
        await using var bench = await WatchBench.StartAsync();
        var objects = WatchBench.ObjectsOf(Story).ToArray();
        foreach (var (plural, thing) in objects.Take(11))
        {
            bench.Cluster.Put(plural, thing);
        }

        // A run of yesterday that is in no list.
        var lost = new RunKey("tekton", "", "lost-uid");
        await bench.Tracker.ApplyAsync(
            [new RunFact
            {
                Run = lost, SourceTime = new(1), ReceivedAt = new(2), Life = new LifeFact { State = RunState.Executing },
                Attributes = new Dictionary<string, string> { ["k8s.namespace.name"] = "ci" },
            }],
            TestContext.Current.CancellationToken);
        bench.Watch();
        await bench.UntilAsync(() => bench.Run(Uid) is { State: RunState.Executing, Tasks.Count: > 1 });
        await bench.StopWatchAsync();
        foreach (var (plural, thing) in objects.Skip(11))
        {
            bench.Cluster.Put(plural, thing);
        }

        bench.Watch();
        await bench.UntilAsync(() => IsWhole(bench));

        Assert.Equal(await ByEventsAsync(Story), RunText.Of(bench.Run(Uid)!));
        await bench.UntilAsync(() => bench.Tracker.Find(lost)!.State == RunState.Finished);
        Assert.Equal((RunResult.Error, "Vanished"), (bench.Tracker.Find(lost)!.Result, bench.Tracker.Find(lost)!.ErrorType));
    }

    [Fact]
    public async Task A_run_that_is_deleted_while_it_runs_is_cancelled_until_its_real_end_is_told()
    {
        await using var bench = await WatchBench.StartAsync();
        var objects = WatchBench.ObjectsOf(Story).Take(11).ToArray();
        foreach (var (plural, thing) in objects)
        {
            bench.Cluster.Put(plural, thing);
        }

        bench.Watch();
        await bench.UntilAsync(() => bench.Run(Uid) is { State: RunState.Executing, Tasks.Count: 2 });
        bench.Cluster.Delete("a1000000-0000-4000-8000-000000000002");
        bench.Cluster.Delete(Uid);
        await bench.UntilAsync(() => bench.Run(Uid) is { State: RunState.Finished } r && r.Tasks.All(t => t.State == RunState.Finished));
        var deleted = bench.Run(Uid)!;
        await bench.Tracker.ApplyAsync(TektonStream.FactsOf(Story), TestContext.Current.CancellationToken);

        Assert.Equal((RunResult.Cancellation, "the PipelineRun was deleted while it ran"), (deleted.Result, deleted.Message));
        Assert.Equal(RunResult.Cancellation, deleted.Tasks.Single(t => t.Name == "unit-test").Result);
        Assert.Equal(RunResult.Success, bench.Run(Uid)!.Result);
    }

    [Fact]
    public async Task Older_versions_are_tried_and_a_kind_that_is_missing_stops_nothing()
    {
        await using var bench = await WatchBench.StartAsync();
        bench.Cluster.Absent.UnionWith(["v1/pipelineruns", "v1/taskruns", "v1beta1/customruns"]);
        PutAll(bench, Story);
        bench.Watch();

        await bench.UntilAsync(() => IsWhole(bench));
    }

    [Fact]
    public async Task An_object_that_is_too_large_and_lines_nobody_knows_stop_nothing()
    {
        await using var bench = await WatchBench.StartAsync();
        bench.Watch(o => o with { MostObjectBytes = 64 << 10 });
        await bench.UntilAsync(() => bench.CountOf("watch=1") >= 3);
        var huge = WatchBench.ObjectsOf(Story).First().Thing;
        huge["metadata"]!["annotations"]!["huge"] = new string('x', 300_000);
        huge["metadata"]!["uid"] = "huge";
        bench.Cluster.Send("pipelineruns", $$"""{"type":"ADDED","object":{{huge.ToJsonString()}}}""");
        bench.Cluster.Send("pipelineruns", """{"type":"OF_TOMORROW","object":{}}""");
        bench.Cluster.Send("pipelineruns", """{"type":"ADDED","object":{"metadata":{}}}""");
        bench.Cluster.Send("pipelineruns", """{"type":"ADDED","object":[]}""");
        bench.Cluster.Send("pipelineruns", "no json");
        PutAll(bench, Story);

        await bench.UntilAsync(() => IsWhole(bench));

        Assert.Null(bench.Run("huge"));
    }

    [Fact]
    public async Task The_token_is_read_again_when_it_has_changed()
    {
        await using var bench = await WatchBench.StartAsync();
        var token = "old";
        bench.Cluster.Token = "new";
        PutAll(bench, Story);
        bench.Watch(o => o with { Connection = o.Connection with { Token = () => Volatile.Read(ref token) } });
        await bench.UntilAsync(() => bench.CountOf("pipelineruns", 401) > 0);

        Volatile.Write(ref token, "new");

        await bench.UntilAsync(() => IsWhole(bench));
    }

    [Fact]
    public async Task A_log_that_refuses_is_tried_again()
    {
        await using var bench = await WatchBench.StartAsync();
        bench.Log.Fails = true;
        PutAll(bench, Story);
        bench.Watch();
        await bench.UntilAsync(() => bench.CountOf("pipelineruns?limit=") > 2);

        bench.Log.Fails = false;

        await bench.UntilAsync(() => IsWhole(bench));
    }

    [Fact]
    public async Task Only_the_named_namespaces_and_labels_are_asked_for()
    {
        await using var bench = await WatchBench.StartAsync();
        PutAll(bench, Story);
        var other = WatchBench.ObjectsOf("run-c4nc1-cancelled").First().Thing;
        other["metadata"]!["namespace"] = "elsewhere";
        bench.Cluster.Put("pipelineruns", other);
        bench.Watch(o => o with { Namespaces = ["ci", "release"], LabelSelector = "team=a,env!=b" });

        await bench.UntilAsync(() => IsWhole(bench) && bench.CountOf("watch=1") >= 6);

        Assert.Single(bench.Tracker.NewestFirst());
        Assert.All(bench.Cluster.Requests.ToArray(), r => Assert.Contains("labelSelector=team%3Da%2Cenv%21%3Db", r.Request, StringComparison.Ordinal));
        Assert.All(bench.Cluster.Requests.ToArray(), r => Assert.Matches("/namespaces/(ci|release)/", r.Request));
    }

    private static void PutAll(WatchBench bench, string story)
    {
        foreach (var (plural, thing) in WatchBench.ObjectsOf(story))
        {
            bench.Cluster.Put(plural, thing);
        }
    }

    // Lists and watches of the kinds come in any order.
    private static bool IsWhole(WatchBench bench) =>
        bench.Run(Uid) is { State: RunState.Finished, Tasks: { Count: 6 } tasks } && tasks.All(t => t.State == RunState.Finished);

    private static async Task<string> ByEventsAsync(string story)
    {
        await using var bench = await Tracking.TrackerBench.StartAsync();
        await bench.Tracker.ApplyAsync(TektonStream.FactsOf(story), CancellationToken.None);
        return RunText.Of(bench.Tracker.Find(new RunKey("tekton", "", Uid))!);
    }
}
