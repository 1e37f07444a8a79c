using System.Text.Json.Nodes;
using Flyball.Model.Runs;
using Flyball.Pipelines.Kubernetes;
using Flyball.Pipelines.Tests.Tracking;
using Flyball.Pipelines.Tracking;
using Flyball.Testing;

namespace Flyball.Pipelines.Tests.Kubernetes;

/// <summary>A watch between a fake API server and a tracker.</summary>
internal sealed class WatchBench : IAsyncDisposable, IRunObserver
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TektonWatch? _watch;

    private WatchBench(FakeKubernetes cluster, RunTracker tracker)
    {
        Cluster = cluster;
        Tracker = tracker;
        tracker.AddObserver(this);
    }

    public FakeKubernetes Cluster { get; }

    public RunTracker Tracker { get; }

    public MemoryRunLog Log { get; private init; } = new();

    public static async Task<WatchBench> StartAsync()
    {
        var log = new MemoryRunLog();
        var tracker = new RunTracker(new RunTrackerOptions(), log, spans: null, samples: null, TimeProvider.System);
        await tracker.StartAsync(CancellationToken.None);
        return new WatchBench(await FakeKubernetes.StartAsync(), tracker) { Log = log };
    }

    /// <summary>Begins to watch, with retries that do not make tests wait.</summary>
    public void Watch(Func<TektonWatchOptions, TektonWatchOptions>? change = null)
    {
        var options = new TektonWatchOptions
        {
            Connection = new KubernetesConnection { Server = Cluster.Address },
            FirstRetry = TimeSpan.FromMilliseconds(1),
            MostRetry = TimeSpan.FromMilliseconds(20),
            PageSize = 2,
        };
        _watch = new TektonWatch(change is null ? options : change(options), Tracker, TimeProvider.System);
        _watch.Start();
    }

    public async Task StopWatchAsync()
    {
        if (_watch is not null)
        {
            await _watch.DisposeAsync();
            _watch = null;
        }
    }

    /// <summary>Waits until something is so; told by changes of runs, looked at now and then besides.</summary>
    public async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!isSo())
        {
            var changed = Volatile.Read(ref _changed).Task;
            await Task.WhenAny(changed, Task.Delay(20, limit.Token));
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    public PipelineRun? Run(string uid) => Tracker.Find(new RunKey("tekton", "", uid));

    public int CountOf(string path, int status = 200)
    {
        lock (Cluster.Requests)
        {
            return Cluster.Requests.ToArray().Count(r => r.Request.Contains(path, StringComparison.Ordinal) && r.Status == status);
        }
    }

    public void OnRunChanged(RunChange change) =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>The objects inside the events of a story, in order, with the kind each has.</summary>
    public static IEnumerable<(string Plural, JsonObject Thing)> ObjectsOf(string story)
    {
        foreach (var file in Directory.GetFiles(SharedData.Require("data/ci/tekton/cloudevents/" + story), "*.json").Order(StringComparer.Ordinal))
        {
            var (name, thing) = JsonNode.Parse(File.ReadAllText(file))!.AsObject().First();
            yield return (name.ToLowerInvariant() + "s", thing!.DeepClone().AsObject());
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopWatchAsync();
        await Cluster.DisposeAsync();
        await Tracker.DisposeAsync();
    }
}
