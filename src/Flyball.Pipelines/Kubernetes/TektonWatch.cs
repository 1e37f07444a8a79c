using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.Tekton;
using Flyball.Pipelines.Tracking;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Pipelines.Kubernetes;

/// <summary>Follows Tekton's runs on the Kubernetes API: the truth, where CloudEvents are only quick. Both become one run.</summary>
/// <remarks>What it sees goes into the tracker like an event does. A run that is deleted while it goes on, or that a complete list no longer
/// has, ends here: nobody else would ever say so.</remarks>
public sealed class TektonWatch : IWatchListener, IAsyncDisposable
{
    // An event may tell of a run before the list in which it would be was made.
    private static readonly DurationMs ListGrace = DurationMs.FromSeconds(60);

    private readonly TektonWatchOptions _options;
    private readonly RunTracker _tracker;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly KubernetesApi _api;
    private readonly WatchMetrics _metrics = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Plural, string Namespace), HashSet<string>> _live = [];
    private Task _loops = Task.CompletedTask;

    /// <summary>Makes a watch; it begins with <see cref="Start"/>.</summary>
    public TektonWatch(TektonWatchOptions options, RunTracker tracker, TimeProvider time, ILogger<TektonWatch>? log = null)
    {
        _options = options;
        _tracker = tracker;
        _time = time;
        _log = log ?? NullLogger<TektonWatch>.Instance;
        _api = new KubernetesApi(options.Connection);
    }

    /// <summary>Begins: one loop per kind and namespace.</summary>
    public void Start()
    {
        IReadOnlyList<string> namespaces = _options.Namespaces.Count == 0 ? [""] : _options.Namespaces;
        _loops = Task.WhenAll(
            from ns in namespaces
            from resource in WatchedResource.OfTekton
            select new ResourceWatch(_api, resource, ns, _options, this, _metrics, _time, _log).RunAsync(_stopping.Token));
    }

    /// <summary>Stops all loops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loops;
        _stopping.Dispose();
        _api.Dispose();
        _metrics.Dispose();
    }

    async Task IWatchListener.OnSeenAsync(WatchedResource resource, IReadOnlyList<JsonElement> objects, CancellationToken cancellationToken)
    {
        var facts = objects.Select(o => Read(resource, o)).OfType<RunFact>().ToArray();
        await _tracker.ApplyAsync(facts, cancellationToken);
        lock (_gate)
        {
            foreach (var (key, uids) in _live)
            {
                if (key.Plural == resource.Plural)
                {
                    uids.UnionWith(objects.Where(o => IsIn(key.Namespace, o)).Select(o => o.Text("metadata", "uid")).OfType<string>());
                }
            }
        }
    }

    async Task IWatchListener.OnDeletedAsync(WatchedResource resource, JsonElement last, CancellationToken cancellationToken)
    {
        if (Read(resource, last) is { } fact)
        {
            var now = TimestampNs.Now(_time);
            var isOver = fact.Life?.State == RunState.Finished || (fact.Life is null && fact.Tasks.All(t => t.Life?.State == RunState.Finished));
            await _tracker.ApplyAsync(isOver ? [fact] : [fact, VanishedFacts.Deleted(resource.Kind, fact, now)], cancellationToken);
        }

        lock (_gate)
        {
            foreach (var uids in _live.Where(l => l.Key.Plural == resource.Plural).Select(l => l.Value))
            {
                uids.Remove(last.Text("metadata", "uid") ?? "");
            }
        }
    }

    async Task IWatchListener.OnListedAsync(
        WatchedResource resource, string ns, IReadOnlySet<string> uids, CancellationToken cancellationToken)
    {
        var now = TimestampNs.Now(_time);
        RunFact[] gone;
        lock (_gate)
        {
            _live[(resource.Plural, ns)] = [.. uids];
            gone = [.. Missing(ns, now).Select(r => VanishedFacts.Missing(r, now))];
        }

        if (gone.Length > 0)
        {
            KubernetesLog.RunsVanished(_log, gone.Length);
            await _tracker.ApplyAsync(gone, cancellationToken);
        }
    }

    // Runs that go on as far as is known here, though no list of their namespace has them.
    private IEnumerable<PipelineRun> Missing(string ns, TimestampNs now)
    {
        var lists = WatchedResource.OfTekton.Select(r => _live.GetValueOrDefault((r.Plural, ns))).ToArray();

        // With a selector a run that is in no list may simply not be ours to see; without CustomRuns in the cluster there is no list of them.
        if (_options.LabelSelector.Length > 0 || lists[0] is null || lists[1] is null)
        {
            return [];
        }

        return _tracker.NewestFirst().Where(r => r.Key.System == TektonFacts.System && r.State != RunState.Finished
            && r.FirstHeardAt.Value + ((ulong)ListGrace.Value * TimestampNs.PerMs) < now.Value
            && r.Attributes.TryGetValue("k8s.namespace.name", out var where) && (ns.Length == 0 || where == ns)
            && !lists.Any(l => l?.Contains(r.Key.Run) ?? false));
    }

    private static bool IsIn(string ns, JsonElement thing) => ns.Length == 0 || thing.Text("metadata", "namespace") == ns;

    private RunFact? Read(WatchedResource resource, JsonElement thing)
    {
        var now = TimestampNs.Now(_time);
        var fact = TektonFacts.Read(resource.Kind, thing, sentAt: null, now, out _);

        // The same state may have come as an event, which has less in it: of two words of one second the API's counts.
        return fact is null ? null : PastFacts.Place(
            fact with
            {
                SourceTime = new TimestampNs(fact.SourceTime.Value + 1),
                Tasks = [.. fact.Tasks.Select(t => t with { SourceTime = t.SourceTime is { } at ? new TimestampNs(at.Value + 1) : null })],
            },
            now);
    }
}
