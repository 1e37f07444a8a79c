using System.Diagnostics.Metrics;

namespace Flyball.Pipelines.Kubernetes;

/// <summary>What watches count.</summary>
internal sealed class WatchMetrics : IDisposable
{
    private readonly Meter _meter = new("Flyball.Pipelines");
    private readonly Counter<long> _events;
    private readonly Counter<long> _lists;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _tooLarge;
    private int _connected;

    public WatchMetrics()
    {
        _events = _meter.CreateCounter<long>("flyball_kubernetes_watch_events_total", null, "Events that watches brought, by resource and type.");
        _lists = _meter.CreateCounter<long>("flyball_kubernetes_lists_total", null, "Complete lists that were read, by resource and why.");
        _failures = _meter.CreateCounter<long>("flyball_kubernetes_watch_failures_total", null, "Lists and watches that failed, by resource and reason.");
        _tooLarge = _meter.CreateCounter<long>("flyball_kubernetes_objects_too_large_total", null, "Objects that were passed over for their size.");
        _meter.CreateObservableGauge("flyball_kubernetes_watches_connected", () => Volatile.Read(ref _connected), null, "Watches that are open.");
    }

    public void Event(string resource, string type) => _events.Add(1, new("resource", resource), new("type", type));

    public void Listed(string resource, string reason) => _lists.Add(1, new("resource", resource), new("reason", reason));

    public void Failed(string resource, string reason) => _failures.Add(1, new("resource", resource), new("reason", reason));

    public void TooLarge(string resource) => _tooLarge.Add(1, new KeyValuePair<string, object?>("resource", resource));

    public void Opened() => Interlocked.Increment(ref _connected);

    public void Closed() => Interlocked.Decrement(ref _connected);

    public void Dispose() => _meter.Dispose();
}
